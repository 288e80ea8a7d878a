/** `/admin`: one's own account and sign-ins. */
import { accountPage } from "../../src/pages/console/account_page.tsx";
import type { Services } from "../../src/services.ts";
import { idParam, iso } from "../endpoint/fields.ts";
import type { Endpoints } from "../endpoint/register.ts";
import { frameOf, onward, SENT, SHOWN, shown } from "./reply.ts";

export function accountPages(endpoints: Endpoints, services: Services): void {
  const { config, identity } = services;

  endpoints.define({
    method: "GET",
    path: "/admin",
    summary: "Your account",
    access: { role: "user" },
    page: true,
    answers: SHOWN,
    async handle({ caller }) {
      const { frame, account } = await frameOf(services, caller, "Account");
      const sessions = await identity.sessions.list(account.id);
      return shown(accountPage(frame, {
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
      }));
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
    async handle({ params, caller }) {
      await identity.sessions.revoke(caller.user.id, params.id);
      return onward(`${config.BASE_PATH}/admin`);
    },
  });
}
