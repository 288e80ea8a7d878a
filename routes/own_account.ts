/** `/api/v1/auth/me…` and `/sessions…`: what a user may see and do about themselves. */
import { z } from "zod";
import { AppError } from "../src/errors/app_error.ts";
import type { Services } from "../src/services.ts";
import { reply } from "./endpoint/definition.ts";
import { idParam, iso, time } from "./endpoint/fields.ts";
import type { Endpoints } from "./endpoint/register.ts";
import { password } from "./sign_in_rules.ts";
import { Account, accountOf } from "./users.ts";

const SignIn = z.object({
  id: z.string(),
  kind: z.enum(["api", "console"]),
  device: z.string(),
  address: z.string().describe("Start of the address it came from"),
  created_at: time,
  used_at: time,
  expires_at: time,
  current: z.boolean(),
});

export function ownAccountRoutes(endpoints: Endpoints, services: Services): void {
  accountRoutes(endpoints, services);
  signInRoutes(endpoints, services);
}

function accountRoutes(endpoints: Endpoints, { identity }: Services): void {
  const { accounts, accountPasswords } = identity;

  endpoints.define({
    method: "GET",
    path: "/api/v1/auth/me",
    summary: "Who you are",
    access: "user",
    answers: {
      200: {
        about: "What your proof says",
        schema: z.object({
          id: z.string(),
          realm: z.enum(["gatehouse", "site"]),
          roles: z.array(z.string()),
          scopes: z.array(z.string()),
          account: Account.nullable(),
        }),
      },
    },
    async handle({ caller: { user, session } }) {
      const account = session && await accounts.get(session.accountId);
      const { id, realm, roles, scopes = [] } = user;
      return reply(200, {
        id,
        realm,
        roles: [...roles],
        scopes: [...scopes],
        account: account ? accountOf(account) : null,
      });
    },
  });

  endpoints.define({
    method: "POST",
    path: "/api/v1/auth/me/password",
    summary: "Change your password; ends your other sign-ins",
    access: { role: "user" },
    body: z.object({ current_password: password, new_password: password }),
    answers: { 204: { about: "Changed" } },
    errors: ["INVALID_CREDENTIALS", "SIGN_IN_DELAYED", "CONFLICT"],
    async handle({ body, caller: { user, session, actor } }) {
      await accountPasswords.change({
        accountId: user.id,
        current: body.current_password,
        next: body.new_password,
        keepSessionId: session?.id,
      }, actor);
      return reply(204, null);
    },
  });

  endpoints.define({
    method: "POST",
    path: "/api/v1/auth/me/confirm",
    summary: "Give your password again, for ten minutes of dangerous acts",
    access: { role: "user" },
    body: z.object({ password }),
    answers: { 204: { about: "Confirmed" } },
    errors: ["INVALID_CREDENTIALS", "SIGN_IN_DELAYED"],
    async handle({ body, caller: { user, session } }) {
      if (!session) throw new AppError("FORBIDDEN");
      await accountPasswords.reauthenticate(user.id, session.id, body.password);
      return reply(204, null);
    },
  });
}

function signInRoutes(endpoints: Endpoints, { identity: { sessions } }: Services): void {
  endpoints.define({
    method: "GET",
    path: "/api/v1/auth/sessions",
    summary: "Where you are signed in",
    access: { role: "user" },
    answers: {
      200: {
        about: "Newest first, at most 50",
        schema: z.object({ items: z.array(SignIn), next_cursor: z.null() }),
      },
    },
    async handle({ caller }) {
      const found = await sessions.list(caller.user.id);
      const items = found.map((session) => ({
        id: session.id,
        kind: session.kind,
        device: session.device,
        address: session.address,
        created_at: iso(session.createdAt),
        used_at: iso(session.usedAt),
        expires_at: iso(session.expiresAt),
        current: session.id === caller.session?.id,
      }));
      return reply(200, { items, next_cursor: null });
    },
  });

  endpoints.define({
    method: "DELETE",
    path: "/api/v1/auth/sessions/{id}",
    summary: "End one of your sign-ins",
    access: { role: "user" },
    params: idParam("Id of the sign-in"),
    answers: { 204: { about: "Ended" } },
    errors: ["NOT_FOUND", "CONFLICT"],
    async handle({ params, caller, gate }) {
      const ended = await sessions.revoke(caller.user.id, params.id, gate.requestId);
      if (!ended) throw new AppError("NOT_FOUND");
      return reply(204, null);
    },
  });
}
