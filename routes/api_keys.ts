/** `/api/v1/auth/keys/…`: API keys for machines. */
import { z } from "zod";
import type { ApiKeyDraft } from "../src/auth/api_key_draft.ts";
import { type Scope, SCOPES } from "../src/auth/scopes.ts";
import { AppError } from "../src/errors/app_error.ts";
import type { ApiKeyRecord } from "../src/kv/auth_records.ts";
import type { Services } from "../src/services.ts";
import { idParam, iso, isoOrNull, pageFields, pageOf, time, timeText } from "./endpoint/fields.ts";
import { reply } from "./endpoint/definition.ts";
import type { Endpoints } from "./endpoint/register.ts";
import { demandFresh } from "./sign_in_rules.ts";

const SCOPE_NAMES = Object.keys(SCOPES) as [Scope, ...Scope[]];
const RANGES_MAX = 20;

const ApiKey = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  address_ranges: z.array(z.string()),
  created_by: z.string(),
  created_at: time,
  expires_at: time.nullable(),
  last_used_at: time.nullable(),
  revoked_at: time.nullable(),
});

/** What a new key is made from; the form of the console gives the same. */
export const newKey = z.object({
  name: z.string().trim().min(1).max(100),
  scopes: z.array(z.enum(SCOPE_NAMES)).min(1).max(SCOPE_NAMES.length),
  expires_at: timeText.optional(),
  address_ranges: z.array(z.string().min(1).max(50)).max(RANGES_MAX).default([]),
});

export type NewKey = z.output<typeof newKey>;

/** The same in the words of the room. */
export function draftOf({ name, scopes, expires_at, address_ranges }: NewKey): ApiKeyDraft {
  return { name, scopes, expiresAt: expires_at, addressRanges: address_ranges };
}

function apiKeyOf(key: ApiKeyRecord): z.input<typeof ApiKey> {
  return {
    id: key.id,
    name: key.name,
    scopes: [...key.scopes],
    address_ranges: [...key.addressRanges],
    created_by: key.createdBy,
    created_at: iso(key.createdAt),
    expires_at: isoOrNull(key.expiresAt),
    last_used_at: isoOrNull(key.lastUsedAt),
    revoked_at: isoOrNull(key.revokedAt),
  };
}

const COLUMNS = [
  { name: "id" },
  { name: "name" },
  { name: "scopes" },
  { name: "created_at" },
  { name: "expires_at" },
  { name: "last_used_at" },
  { name: "revoked_at" },
];

/** Keys make keys of any scope, so only an admin in person may; no scope opens these. */
const access = { role: "admin" } as const;

export function apiKeyRoutes(
  endpoints: Endpoints,
  { identity: { apiKeys }, clock }: Services,
): void {
  endpoints.define({
    method: "GET",
    path: "/api/v1/auth/keys",
    summary: "List API keys",
    access,
    query: z.object(pageFields),
    csv: COLUMNS,
    answers: { 200: { about: "Oldest first", schema: pageOf(ApiKey) } },
    errors: ["INVALID_CURSOR"],
    async handle({ query }) {
      const { items, next_cursor } = await apiKeys.list(query);
      return reply(200, { items: items.map(apiKeyOf), next_cursor });
    },
  });

  endpoints.define({
    method: "POST",
    path: "/api/v1/auth/keys",
    summary: "Create an API key; it is shown this once",
    access,
    body: newKey,
    example: { name: "nightly report", scopes: ["audit:read"] },
    answers: {
      201: { about: "The key, and what is kept of it", schema: ApiKey.extend({ key: z.string() }) },
    },
    errors: ["REAUTHENTICATION_REQUIRED", "CONFLICT"],
    async handle({ body, caller }) {
      demandFresh(caller, clock);
      const { key, record } = await apiKeys.create(draftOf(body), caller.actor);
      return reply(201, { ...apiKeyOf(record), key });
    },
  });

  endpoints.define({
    method: "GET",
    path: "/api/v1/auth/keys/{id}",
    summary: "Read what is kept of an API key",
    access,
    params: idParam("Id of the key"),
    answers: { 200: { about: "The key", schema: ApiKey } },
    errors: ["NOT_FOUND"],
    async handle({ params }) {
      const view = await apiKeys.get(params.id);
      if (!view) throw new AppError("NOT_FOUND");
      return reply(200, apiKeyOf(view));
    },
  });

  endpoints.define({
    method: "DELETE",
    path: "/api/v1/auth/keys/{id}",
    summary: "Revoke an API key; it ends everywhere within 5 seconds",
    access,
    params: idParam("Id of the key"),
    answers: { 200: { about: "As it is kept", schema: ApiKey } },
    errors: ["NOT_FOUND", "CONFLICT"],
    handle: async ({ params, caller }) =>
      reply(200, apiKeyOf(await apiKeys.revoke(params.id, caller.actor))),
  });
}
