/** One of several processes that count on one key of one file; started by processes_test.ts. */
import { openKv } from "../../src/kv/open.ts";
import { update } from "../../src/kv/update.ts";
import { createBreaker } from "../../src/resilience/breaker.ts";
import { silentLog } from "../../src/log.ts";
import { MINUTE, systemClock } from "../../src/time.ts";

const [path, rounds, name] = Deno.args;
const outcomes: Record<string, number> = {};
const breaker = createBreaker({
  name: "kv",
  threshold: 5,
  resetMs: 5 * MINUTE,
  clock: systemClock,
});
const kv = await openKv({
  path,
  clock: systemClock,
  log: silentLog,
  breaker,
  // What is tested is the lock; two cores shared by many may well stall a process for a second.
  deadlineMs: 10_000,
  onCall: ({ operation, outcome }) => {
    const row = `${operation} ${outcome}`;
    outcomes[row] = (outcomes[row] ?? 0) + 1;
  },
});

for (let round = 0; round < Number(rounds); round++) {
  await update(kv, { parts: ["hot"] }, (count: number | null) => (count ?? 0) + 1, {
    attempts: 1_000,
  });
  await update(kv, { parts: ["own", name] }, (count: number | null) => (count ?? 0) + 1);
  await kv.commit((atomic) => atomic.sum({ parts: ["sum"] }, 1n));
}
kv.close();
console.log(JSON.stringify({ outcomes, breaker: breaker.state }));
