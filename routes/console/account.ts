/** `/admin`: one's own account, second factor and sign-ins. */
import { z } from "zod";
import { isFresh } from "../../src/auth/session_rules.ts";
import { accountPage } from "../../src/pages/console/account_page.tsx";
import type { Services } from "../../src/services.ts";
import { idParam, iso } from "../endpoint/fields.ts";
import type { Endpoints } from "../endpoint/register.ts";
import type { Caller } from "../endpoint/definition.ts";
import { again, frameOf, onward, SENT, sentenceOf, SHOWN, shown } from "./reply.ts";

export function accountPages(endpoints: Endpoints, services: Services): void {
  const { config, identity, clock } = services;
  const home = `${config.BASE_PATH}/admin`;

  endpoints.define({
    method: "GET",
    path: "/admin",
    summary: "Your account",
    access: { role: "user" },
    page: true,
    answers: SHOWN,
    handle: async ({ caller }) => shown(await show(services, caller)),
  });

  endpoints.define({
    method: "POST",
    path: "/admin/second-factor/off",
    summary: "Switch the second factor off",
    access: { role: "user" },
    page: true,
    bodyAs: "form",
    body: z.object({ code: z.string().max(1_024) }),
    answers: SENT,
    async handle({ body, caller }) {
      const { session, user, actor } = caller;
      if (!session || !isFresh(session, clock.now())) {
        return onward(`${home}/confirm?next=/admin`);
      }
      try {
        await identity.switchOffSecondFactor(user.id, body.code, actor);
      } catch (error) {
        return again(await show(services, caller, sentenceOf(error)));
      }
      return onward(home);
    },
  });

  endpoints.define({
    method: "POST",
    path: "/admin/sign-ins/{id}/end",
    summary: "End one of your sign-ins",
    access: { role: "user" },
    page: true,
    params: idParam("Id of the sign-in"),
    answers: SENT,
    async handle({ params, caller, gate }) {
      await identity.sessions.revoke(caller.user.id, params.id, gate.requestId);
      return onward(home);
    },
  });
}

/** The account's page, with what was wrong with its form. */
async function show(services: Services, caller: Caller, alert?: string): Promise<string> {
  const { frame, account } = await frameOf(services, caller, "Account");
  const sessions = await services.identity.sessions.list(account.id);
  return accountPage({ ...frame, alert }, {
    email: account.email,
    role: account.role,
    secondFactor: account.hasSecondFactor,
    signIns: sessions.map(({ id, device, address, usedAt }) => ({
      id,
      device,
      address,
      usedAt: iso(usedAt),
      current: id === caller.session?.id,
    })),
  });
}
