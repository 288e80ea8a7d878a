/**
 * The threat rules in force: those that administrators keep in KV, then those of the configuration.
 * A request's question is answered from memory; what was changed elsewhere comes by a poll of one
 * read, only while requests come. While KV is out, the rules known last go on holding.
 */
import { AppError } from "../errors/app_error.ts";
import { keys, type ThreatRuleDocument } from "../kv/keys.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import { pause } from "../kv/pause.ts";
import type { Log } from "../log.ts";
import type { Clock } from "../time.ts";
import {
  createThreatRules,
  type ThreatMode,
  type ThreatRule,
  type ThreatRules,
} from "./path_rules.ts";
import { checkRules } from "./rule_check.ts";
import { createRulePoll } from "./rule_poll.ts";

export interface RuleAuthor {
  readonly id: string;
  readonly requestId: string;
}

export interface RuleRecord {
  readonly action: string;
  readonly target: string;
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

export interface RuleBookOptions {
  readonly kv: Pick<Kv, "get" | "commit">;
  readonly clock: Clock;
  readonly log: Log;
  /** What holds where no rule does: `GATE_MODE`. */
  readonly fallback: ThreatMode;
  /** `THREAT_RULES`; an administrator's rules come before them. */
  readonly configured: readonly ThreatRule[];
  /** Adds an administrator's act to the audit log, in the same commit. */
  readonly record: (atomic: Atomic, entry: RuleRecord, by: RuleAuthor) => void;
}

export interface RuleBook extends ThreatRules {
  /**
   * Something to wait for, 300 ms at most, when nobody asked for so long that the rules may be old:
   * the first request of all, or after an idle time. Undefined otherwise, also while KV is out.
   */
  catchUp(): Promise<void> | undefined;
  /** The administrators' rules. */
  get(): Promise<ThreatRuleDocument>;
  /**
   * Replaces the administrators' rules. Throws `VALIDATION_FAILED` with every wrong rule, and
   * `CONFLICT` when `version` is given and is not the current one.
   */
  put(
    change: { readonly rules: readonly ThreatRule[]; readonly version?: number },
    by: RuleAuthor,
  ): Promise<ThreatRuleDocument>;
  stop(): Promise<void>;
}

const ATTEMPTS = 8;
const WAIT_MAX_MS = 64;
const NONE: ThreatRuleDocument = { version: 0, rules: [] };

export function createRuleBook(options: RuleBookOptions): RuleBook {
  const { kv, fallback, configured, record } = options;
  const key = keys.threatRules();
  let version = -1;
  let rules = createThreatRules(configured, fallback);

  /** A read that began before a change may end after it, so only what is newer is taken. */
  const take = (document: ThreatRuleDocument) => {
    if (document.version <= version) return;
    version = document.version;
    rules = createThreatRules([...document.rules, ...configured], fallback);
  };
  const get = async () => {
    const document = (await kv.get(key)).value ?? NONE;
    take(document);
    return document;
  };
  const poll = createRulePoll({ ...options, read: get });

  return {
    get,
    catchUp: poll.catchUp,
    stop: poll.stop,
    match(methods, path) {
      poll.awake();
      return rules.match(methods, path);
    },
    async put({ rules, version: expected }, by) {
      checkRules(rules);
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const { value, versionstamp } = await kv.get(key);
        const current = value ?? NONE;
        if (expected !== undefined && expected !== current.version) throw new AppError("CONFLICT");
        const next = { version: current.version + 1, rules };
        const details = { version: next.version, rules: rules.length };
        const { ok } = await kv.commit((atomic) => {
          atomic.check(key, versionstamp).set(key, next);
          record(atomic, { action: "threat_rules.replace", target: "threat_rules", details }, by);
        });
        if (ok) {
          take(next);
          return next;
        }
        await pause(Math.random() * Math.min(2 ** attempt, WAIT_MAX_MS));
      }
      throw new AppError("CONFLICT");
    },
  };
}
