/**
 * Whether a provider is asked now: its breaker, the pause it demanded, and nine tenths of its daily
 * quota, counted in KV for all isolates. A provider that says nothing counts for nothing.
 */
import { keys } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { update } from "../kv/update.ts";
import type { Log } from "../log.ts";
import { createBreaker } from "../resilience/breaker.ts";
import { type Clock, DAY, HOUR, MINUTE } from "../time.ts";
import { type Opinion, ProviderError, type ReputationProvider } from "./reputation_provider.ts";

export type LookupOutcome = "ok" | "quota" | "refused" | "failed" | "spared";

export interface ProviderDoorOptions {
  readonly provider: ReputationProvider;
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
  readonly onLookup: (result: `${ReputationProvider["name"]}.${LookupOutcome}`) => void;
}

export interface ProviderDoor {
  readonly isCostly: boolean;
  /** Never rejects; undefined when it was not asked or had nothing to say. */
  ask(ip: string, signal: AbortSignal): Promise<Opinion | undefined>;
}

const FAILURES = 5;
const RESET_MS = 5 * MINUTE;
const REFUSED_PAUSE_MS = HOUR;
/** The rest is for questions that are counted elsewhere, such as an administrator's own. */
const QUOTA_SHARE = 0.9;

export function createProviderDoor(options: ProviderDoorOptions): ProviderDoor {
  const { provider, kv, clock, log, onLookup } = options;
  const { name, dailyQuota } = provider;
  const breaker = createBreaker({ name, threshold: FAILURES, resetMs: RESET_MS, clock });
  const perDay = Math.max(1, Math.floor(dailyQuota * QUOTA_SHARE));
  let pausedUntil = 0;

  /** Takes one question of today's; false when they are used up or cannot be counted. */
  const take = async (): Promise<boolean> => {
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    let isTaken = false;
    await update(kv, keys.reputationQuota(name, day), (used) => {
      isTaken = (used ?? 0) < perDay;
      return isTaken ? (used ?? 0) + 1 : undefined;
    }, { expireIn: 2 * DAY });
    return isTaken;
  };

  const fail = (error: unknown): LookupOutcome => {
    const { kind, retryAfterMs, message } = error instanceof ProviderError
      ? error
      : new ProviderError("failed", "no answer");
    if (kind === "unknown") return "ok";
    if (kind === "failed") return "failed";
    pausedUntil = clock.monotonic() + (kind === "quota" ? retryAfterMs : REFUSED_PAUSE_MS);
    log.warn("reputation.paused", { provider: name, kind, problem: message });
    return kind;
  };

  return {
    isCostly: provider.isCostly,
    async ask(ip, signal) {
      const isPaused = clock.monotonic() < pausedUntil;
      const isAllowed = !isPaused && await take().catch(() => false);
      const permit = isAllowed ? breaker.allow() : undefined;
      if (!permit) {
        onLookup(`${name}.spared`);
        return undefined;
      }
      try {
        const opinion = await provider.check(ip, signal);
        breaker.record(permit, true);
        onLookup(`${name}.ok`);
        return opinion;
      } catch (error) {
        const outcome = fail(error);
        breaker.record(permit, outcome !== "failed");
        onLookup(`${name}.${outcome}`);
        return undefined;
      }
    },
  };
}
