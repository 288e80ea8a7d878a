/**
 * The audit log: who changed what, written in the same commit as the change, so that neither is
 * there without the other. Kept for a year, read newest first.
 */
import type { AuditRecord } from "../kv/auth_records.ts";
import { keys, prefixes } from "../kv/keys.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import { type Clock, DAY } from "../time.ts";
import { auditPage, type AuditQuery, type AuditSlice, monthOf } from "./audit_pages.ts";
import { nextInSequence, randomBase62 } from "./secrets.ts";

/** Who asked for a change. */
export interface Actor {
  /** `acc_…`, `key_…`; `setup` and `cli` where nobody was signed in; `gate` where it acts itself. */
  readonly id: string;
  readonly requestId: string;
}

export interface AuditedAct {
  readonly by: Actor;
  /** What was done to what kind of thing, such as `user.create`. */
  readonly action: string;
  /** Id of the thing. */
  readonly target: string;
  /** A few words more. Never a secret, never an e-mail address: the log outlives the account. */
  readonly details?: AuditRecord["details"];
}

/** One line of the log, drawn before the commit it joins is tried. */
export interface AuditEntry {
  readonly record: AuditRecord;
  /** Adds it to a commit. */
  readonly join: (atomic: Atomic) => void;
  /** Whether it is in the log, and so whether the commit it joined arrived. */
  readonly landed: () => Promise<boolean>;
}

export interface AuditLog {
  entry(act: AuditedAct): AuditEntry;
  /** Newest first. A page may be short, even empty, and still have a cursor. */
  list(query: AuditQuery): Promise<AuditSlice>;
}

const KEPT_MS = 365 * DAY;
const ID_CHARACTERS = 9;
const TEXT_MAX = 200;
const DETAILS_MAX = 10;

export function createAuditLog(
  { kv, clock }: { readonly kv: Pick<Kv, "get" | "page">; readonly clock: Clock },
): AuditLog {
  return {
    entry(act) {
      const record = recordOf(act, clock.now());
      const key = keys.audit(monthOf(record.at), record.at, record.id);
      return {
        record,
        join: (atomic) => void atomic.set(key, record, { expireIn: KEPT_MS }),
        landed: async () => (await kv.get(key)).value !== null,
      };
    },
    list: (query) =>
      auditPage(query, {
        oldest: clock.now() - KEPT_MS,
        newest: clock.now(),
        readMonth: (month, options) => kv.page(prefixes.auditMonth(month), options),
      }),
  };
}

function recordOf({ by, action, target, details = {} }: AuditedAct, at: number): AuditRecord {
  const cut = <Value>(value: Value) => typeof value === "string" ? value.slice(0, TEXT_MAX) : value;
  const few = Object.entries(details).slice(0, DETAILS_MAX);
  return {
    id: `aud_${nextInSequence()}${randomBase62(ID_CHARACTERS)}`,
    at,
    by: by.id,
    requestId: by.requestId.slice(0, TEXT_MAX),
    action,
    target: target.slice(0, TEXT_MAX),
    details: Object.fromEntries(few.map(([name, value]) => [name, cut(value)])),
  };
}
