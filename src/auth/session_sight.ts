/**
 * A short sight of sign-ins: whether one lives is asked with every request, so what was read is
 * believed for a second, and who asks at the same time shares one read.
 */
import type { SessionRecord } from "../kv/auth_records.ts";
import { keys } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { type Clock, SECOND } from "../time.ts";
import { endOf } from "./session_rules.ts";
import { createTokenCache } from "./token_cache.ts";

export interface SessionSightOptions {
  readonly kv: Pick<Kv, "get">;
  readonly clock: Clock;
}

export interface SessionSight {
  /** The sign-in if it lives, as of at most one second ago. */
  look(id: string): Promise<SessionRecord | undefined>;
  /** Makes `look` read these again. */
  forget(ids: readonly string[]): void;
}

const SEEN_MS = SECOND;
const SEEN_MAX = { entriesMax: 10_000, charsMax: 200_000 };

export function createSessionSight({ kv, clock }: SessionSightOptions): SessionSight {
  const seen = createTokenCache<{ readonly record?: SessionRecord }>({ clock, ...SEEN_MAX });
  const looking = new Map<string, Promise<SessionRecord | undefined>>();

  const load = async (id: string) => {
    const until = clock.now() + SEEN_MS;
    const { value } = await kv.get(keys.session(id));
    const record = value && endOf(value) > clock.now() ? value : undefined;
    seen.set(id, { record }, until);
    return record;
  };

  return {
    async look(id) {
      const known = seen.get(id);
      if (known) return known.record;
      const under = looking.get(id) ?? load(id).finally(() => looking.delete(id));
      looking.set(id, under);
      return await under;
    },
    forget(ids) {
      for (const id of ids) {
        seen.delete(id);
        looking.delete(id);
      }
    },
  };
}
