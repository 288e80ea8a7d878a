/**
 * `deno task bench`: the gate against bare Hono and against the peers in one run, what it costs KV,
 * and what a million addresses leave behind. Prints, and keeps the last result beside it.
 */
import { measureAddresses } from "./addresses.ts";
import { measureTokens } from "./tokens.ts";
import { measureThroughput } from "./throughput.ts";
import { measureTrips } from "./trips.ts";

const cpu = Deno.readTextFileSync("/proc/cpuinfo").match(/model name\s*: (.*)/)?.[1] ?? "unknown";
const lines = [
  `gatehouse bench, ${new Date().toISOString().slice(0, 10)}, Deno ${Deno.version.deno}, ` +
  `${navigator.hardwareConcurrency} cores of ${cpu}, shared`,
  "",
  ...await measureThroughput(),
  "",
  ...await measureTrips(),
  "",
  ...await measureAddresses(),
  "",
  ...await measureTokens(),
];
console.log(lines.join("\n"));
Deno.writeTextFileSync(new URL("results/gate.txt", import.meta.url), lines.join("\n") + "\n");
