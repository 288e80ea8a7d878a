/** `/admin/keys`: API keys, made and revoked by hand. */
import { z } from "zod";
import { isFresh } from "../../src/auth/session_rules.ts";
import { SCOPES } from "../../src/auth/scopes.ts";
import { AppError } from "../../src/errors/app_error.ts";
import type { ApiKeyRecord } from "../../src/kv/auth_records.ts";
import { type KeysPage, keysPage } from "../../src/pages/console/keys_page.tsx";
import type { Services } from "../../src/services.ts";
import { draftOf, newKey } from "../api_keys.ts";
import type { Caller } from "../endpoint/definition.ts";
import { idParam, iso } from "../endpoint/fields.ts";
import type { Endpoints } from "../endpoint/register.ts";
import { again, frameOf, onward, SENT, SENT_OR_SHOWN, sentenceOf, SHOWN, shown } from "./reply.ts";

const PAGE_ROWS = 50;
const scopes = Object.entries(SCOPES).map(([name, about]) => ({ name, about }));
const access = { role: "admin" } as const;

export function keyPages(endpoints: Endpoints, services: Services): void {
  const { config, identity: { apiKeys }, clock } = services;
  const confirmFirst = onward(`${config.BASE_PATH}/admin/confirm?next=/admin/keys`);

  const show = async (caller: Caller, more: Show = {}) => {
    const { frame } = await frameOf(services, caller, "API keys");
    const found = await apiKeys.list({ limit: PAGE_ROWS, cursor: more.cursor });
    return keysPage({ ...frame, alert: more.alert }, {
      keys: found.items.map((key) => rowOf(key, clock.now())),
      nextCursor: found.next_cursor ?? undefined,
      scopes,
      draft: more.draft,
      created: more.created,
    });
  };

  endpoints.define({
    method: "GET",
    path: "/admin/keys",
    summary: "API keys",
    access,
    page: true,
    query: z.object({ cursor: z.string().max(1_000).optional() }),
    answers: SHOWN,
    handle: async ({ caller, query }) => shown(await show(caller, query)),
  });

  endpoints.define({
    method: "POST",
    path: "/admin/keys",
    summary: "Create an API key",
    access,
    page: true,
    bodyAs: "form",
    body: z.object({
      name: z.string().max(200),
      scopes: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
    }),
    answers: SENT_OR_SHOWN,
    async handle({ body, caller }) {
      if (!caller.session || !isFresh(caller.session, clock.now())) return confirmFirst;
      try {
        const draft = newKey.safeParse(body);
        if (!draft.success) throw new AppError("VALIDATION_FAILED", { detail: WANTED });
        const { key } = await apiKeys.create(draftOf(draft.data), caller.actor);
        return shown(await show(caller, { created: key }));
      } catch (error) {
        return again(await show(caller, { alert: sentenceOf(error), draft: body }));
      }
    },
  });

  endpoints.define({
    method: "POST",
    path: "/admin/keys/{id}/revoke",
    summary: "Revoke an API key",
    access,
    page: true,
    params: idParam("Id of the key"),
    answers: SENT,
    async handle({ params, caller }) {
      await apiKeys.revoke(params.id, caller.actor);
      return onward(`${config.BASE_PATH}/admin/keys`);
    },
  });
}

type KeyState = KeysPage["keys"][number]["state"];

interface Show {
  readonly cursor?: string;
  readonly alert?: string;
  readonly draft?: { readonly name: string; readonly scopes: readonly string[] };
  readonly created?: string;
}

const WANTED = "A key needs a name of at most 100 characters, and at least one thing it may do.";

function rowOf(key: ApiKeyRecord, now: number) {
  const ended = key.revokedAt !== undefined ||
    (key.expiresAt !== undefined && key.expiresAt <= now);
  return { id: key.id, name: key.name, scopes: key.scopes, state: stateOf(key), revocable: !ended };
}

function stateOf({ revokedAt, expiresAt, lastUsedAt }: ApiKeyRecord): KeyState {
  if (revokedAt !== undefined) return [["revoked", iso(revokedAt)]];
  const used: KeyState = lastUsedAt === undefined
    ? [["never used"]]
    : [["last used", iso(lastUsedAt)]];
  return expiresAt === undefined ? used : [...used, ["good until", iso(expiresAt)]];
}
