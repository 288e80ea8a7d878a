/** A guarded KV over one that fails on demand, with all that a test wants to look at. */
import { type KvOptions, openKv } from "../../src/kv/open.ts";
import type { KvCall } from "../../src/kv/guard.ts";
import { createLog } from "../../src/log.ts";
import { createBreaker } from "../../src/resilience/breaker.ts";
import { MINUTE } from "../../src/time.ts";
import { createFaultKv, type FaultKvOptions } from "../_fault_kv.ts";
import { createTestClock } from "../_clock.ts";

export async function openFaulty(options: Partial<KvOptions> & FaultKvOptions = {}) {
  const clock = createTestClock();
  const raw = await createFaultKv(options);
  const calls: KvCall[] = [];
  const lines: string[] = [];
  const log = createLog({ level: "debug", clock, write: (line) => lines.push(line) });
  const breaker = createBreaker({
    name: "kv",
    threshold: 5,
    resetMs: 5 * MINUTE,
    clock,
    random: () => 0.5,
  });
  const onCall = (call: KvCall) => calls.push(call);
  const kv = await openKv({ path: ":memory:", raw, clock, log, breaker, onCall, ...options });
  const outcomes = () => calls.map(({ operation, outcome }) => `${operation} ${outcome}`);
  return {
    kv,
    raw,
    clock,
    breaker,
    calls,
    lines,
    outcomes,
    [Symbol.dispose]: () => kv.close(),
  };
}

/** Keys of tests are made here, as keys.ts holds those of the app only. */
export const testKey = <Value>(
  ...rest: Deno.KvKeyPart[]
): { parts: Deno.KvKey; value?: Value } => ({
  parts: ["test", ...rest],
});

/** Whether the promise has an answer yet; nothing is waited for. */
export function watch(promise: Promise<unknown>): { readonly settled: boolean } {
  const watched = { settled: false };
  const settle = () => {
    watched.settled = true;
  };
  promise.then(settle, settle);
  return watched;
}
