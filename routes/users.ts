/** `/api/v1/auth/users/…`: accounts, as admins manage them. */
import { z } from "zod";
import type { Actor } from "../src/auth/audit.ts";
import type { Identity } from "../src/auth/identity.ts";
import type { Accounts, AccountView } from "../src/auth/accounts.ts";
import { demandMayManage } from "../src/auth/key_authority.ts";
import { demandGoodPassword } from "../src/auth/password_rules.ts";
import { ROLES } from "../src/auth/roles.ts";
import { AppError } from "../src/errors/app_error.ts";
import type { Services } from "../src/services.ts";
import { idParam, iso, isoOrNull, pageFields, pageOf, time } from "./endpoint/fields.ts";
import { reply } from "./endpoint/definition.ts";
import type { Endpoints } from "./endpoint/register.ts";
import { demandFresh, email, password } from "./sign_in_rules.ts";

export const Account = z.object({
  id: z.string(),
  email: z.string(),
  role: z.enum(ROLES),
  created_at: time,
  disabled_at: time.nullable(),
  last_sign_in_at: time.nullable(),
  second_factor: z.boolean(),
});

export function accountOf(account: AccountView): z.input<typeof Account> {
  return {
    id: account.id,
    email: account.email,
    role: account.role,
    created_at: iso(account.createdAt),
    disabled_at: isoOrNull(account.disabledAt),
    last_sign_in_at: isoOrNull(account.lastSignInAt),
    second_factor: account.hasSecondFactor,
  };
}

const AccountChange = z.object({
  role: z.enum(ROLES).optional(),
  disabled: z.boolean().optional(),
  password: password.optional(),
});

const COLUMNS = [
  { name: "id" },
  { name: "email" },
  { name: "role" },
  { name: "created_at" },
  { name: "disabled_at" },
  { name: "last_sign_in_at" },
  { name: "second_factor" },
];

const params = idParam("Id of the account");
const read = { role: "admin", scope: "users:read" } as const;
const write = { role: "admin", scope: "users:write" } as const;

export function userRoutes(endpoints: Endpoints, services: Services): void {
  listRoutes(endpoints, services);
  accountRoutes(endpoints, services);
}

async function find(accounts: Accounts, id: string): Promise<AccountView> {
  const account = await accounts.get(id);
  if (!account) throw new AppError("NOT_FOUND");
  return account;
}

function listRoutes(endpoints: Endpoints, { identity: { accounts }, clock }: Services): void {
  endpoints.define({
    method: "GET",
    path: "/api/v1/auth/users",
    summary: "List accounts",
    access: read,
    query: z.object(pageFields),
    csv: COLUMNS,
    answers: { 200: { about: "Oldest first", schema: pageOf(Account) } },
    errors: ["INVALID_CURSOR"],
    async handle({ query }) {
      const { items, next_cursor } = await accounts.list(query);
      return reply(200, { items: items.map(accountOf), next_cursor });
    },
  });

  endpoints.define({
    method: "POST",
    path: "/api/v1/auth/users",
    summary: "Create an account",
    access: write,
    idempotent: true,
    body: z.object({
      email,
      password,
      role: z.enum(ROLES).default("user"),
    }),
    example: { email: "ada@example.com", password: "correct horse battery", role: "analyst" },
    answers: { 201: { about: "The new account", schema: Account } },
    errors: ["EMAIL_TAKEN", "REAUTHENTICATION_REQUIRED", "CONFLICT"],
    async handle({ body, caller }) {
      demandMayManage(caller.actor.id, body.role);
      if (body.role === "admin") demandFresh(caller, clock);
      return reply(201, accountOf(await accounts.create(body, caller.actor)));
    },
  });
}

function accountRoutes(endpoints: Endpoints, { identity, clock }: Services): void {
  const { accounts, secondFactors } = identity;

  endpoints.define({
    method: "GET",
    path: "/api/v1/auth/users/{id}",
    summary: "Read an account",
    access: read,
    params,
    versioned: true,
    answers: { 200: { about: "The account", schema: Account } },
    errors: ["NOT_FOUND"],
    handle: async ({ params }) => reply(200, accountOf(await find(accounts, params.id))),
  });

  endpoints.define({
    method: "PATCH",
    path: "/api/v1/auth/users/{id}",
    summary: "Change an account's role, disable or enable it, or set its password",
    access: write,
    params,
    body: AccountChange,
    example: { role: "analyst" },
    versioned: true,
    answers: { 200: { about: "As it is now", schema: Account } },
    errors: [
      "NOT_FOUND",
      "LAST_ADMIN",
      "REAUTHENTICATION_REQUIRED",
      "PRECONDITION_FAILED",
      "CONFLICT",
    ],
    async handle({ params: { id }, body, caller, ifMatch }) {
      if (caller.session) demandFresh(caller, clock);
      const account = await find(accounts, id);
      demandMayManage(caller.actor.id, account.role, body.role);
      await ifMatch(accountOf(account));
      return reply(200, accountOf(await change(identity, account, body, caller.actor)));
    },
  });

  endpoints.define({
    method: "DELETE",
    path: "/api/v1/auth/users/{id}/second-factor",
    summary: "Take away the second factor of somebody who lost it",
    access: write,
    params,
    answers: { 204: { about: "It has none now" } },
    errors: ["NOT_FOUND", "REAUTHENTICATION_REQUIRED", "CONFLICT"],
    async handle({ params, caller }) {
      if (caller.session) demandFresh(caller, clock);
      if (params.id === caller.user.id) {
        throw new AppError("FORBIDDEN", { detail: "Your own is switched off with a code." });
      }
      const { role } = await find(accounts, params.id);
      demandMayManage(caller.actor.id, role);
      await secondFactors.disable(params.id, caller.actor);
      return reply(204, null);
    },
  });
}

/** Each of the changes is a commit of its own, so all that can be wrong is looked at before. */
async function change(
  { accounts, accountPasswords }: Identity,
  before: AccountView,
  { role, disabled, password }: z.output<typeof AccountChange>,
  by: Actor,
): Promise<AccountView> {
  const { id, email } = before;
  let account = before;
  if (password !== undefined) demandGoodPassword(password, email);
  if (role !== undefined && role !== before.role) account = await accounts.setRole(id, role, by);
  if (disabled !== undefined && disabled !== (before.disabledAt !== undefined)) {
    account = await (disabled ? accounts.disable(id, by) : accounts.enable(id, by));
  }
  if (password === undefined) return account;
  await accountPasswords.reset(id, password, by);
  return await find(accounts, id);
}
