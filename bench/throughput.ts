/**
 * Requests a second and CPU a request of each server under wrk, in rounds that take turns, so that
 * a noisy minute on the machine hits them all. Medians; the ratios are what counts.
 *
 * Measured twice, as it makes a difference: with a core for the server and one for the load, which
 * is what an isolate has; and with both cores for both, where the helper threads of a server that
 * leaves much garbage work beside it whenever the load leaves them room.
 */
import { fileURLToPath } from "node:url";

interface Contestant {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly status: number;
}

interface Round {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

const CONTESTANTS: readonly Contestant[] = [
  { name: "bare Hono", script: "bare.ts", args: [], status: 200 },
  { name: "gate: limits", script: "gate.ts", args: ["limits"], status: 200 },
  { name: "gate: all", script: "gate.ts", args: ["admitted"], status: 200 },
  { name: "peers", script: "peers.ts", args: [], status: 200 },
  { name: "gate: refusing", script: "gate.ts", args: ["refused"], status: 429 },
  { name: "bare refusal", script: "raw_refusal.ts", args: [], status: 429 },
];
const ROUNDS = 5;
/** A server of this size is compiled for the better part of two seconds under load. */
const WARM_UP_SECONDS = 2;
const SECONDS = 3;
const CONNECTIONS = 32;
/** Linux counts a process's CPU in hundredths of a second. */
const TICK_MICROS = 10_000;

/** Where the server and its load may run, as `taskset` is told. */
interface Cores {
  readonly name: string;
  readonly server: string;
  readonly load: string;
}

const APART: Cores = { name: "a core for each", server: "0", load: "1" };
const TOGETHER: Cores = { name: "two cores for both", server: "0,1", load: "0,1" };

export async function measureThroughput(): Promise<string[]> {
  return [...await measureOn(APART), "", ...await measureOn(TOGETHER)];
}

async function measureOn(cores: Cores): Promise<string[]> {
  const rounds = new Map<string, Round[]>(CONTESTANTS.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const contestant of CONTESTANTS) {
      rounds.get(contestant.name)!.push(await measure(contestant, cores));
    }
  }
  const bare = summarize(rounds.get("bare Hono")!);
  const peers = summarize(rounds.get("peers")!);
  const rows = CONTESTANTS.map(({ name }) => {
    const { perSecond, cpuMicros } = summarize(rounds.get(name)!);
    const cells = [
      name.padEnd(15),
      Math.round(perSecond).toLocaleString("en").padStart(9),
      cpuMicros.toFixed(1).padStart(12),
      (perSecond / bare.perSecond).toFixed(2).padStart(9),
      (bare.cpuMicros / cpuMicros).toFixed(2).padStart(12),
      (perSecond / peers.perSecond).toFixed(2).padStart(9),
      (peers.cpuMicros / cpuMicros).toFixed(2).padStart(14),
    ];
    return cells.join(" ");
  });
  return [
    `wrk -t1 -c${CONNECTIONS}, ${cores.name}; ${ROUNDS} rounds of ${SECONDS} s in turn, medians`,
    "server             req/s   CPU us/req   x bare  x bare (CPU)  x peers  x peers (CPU)",
    ...rows,
  ];
}

async function measure({ script, args, status }: Contestant, cores: Cores): Promise<Round> {
  const port = freePort();
  const path = fileURLToPath(new URL(`servers/${script}`, import.meta.url));
  const command = [Deno.execPath(), "run", "-A", path, String(port), ...args];
  const server = on(cores.server, command, { stdout: "null" }).spawn();
  try {
    const url = `http://127.0.0.1:${port}/us/products`;
    await untilServing(url);
    await load(url, WARM_UP_SECONDS, cores.load);
    const answer = await fetch(url);
    await answer.body?.cancel();
    if (answer.status !== status) throw new Error(`${script} answered ${answer.status}`);
    const before = cpuTicks(server.pid);
    const requests = await load(url, SECONDS, cores.load);
    const cpuMicros = (cpuTicks(server.pid) - before) * TICK_MICROS / requests.count;
    return { perSecond: requests.perSecond, cpuMicros };
  } finally {
    server.kill("SIGKILL");
    await server.status;
  }
}

async function load(url: string, seconds: number, cores: string) {
  const command = ["wrk", "-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, url];
  const { success, stdout } = await on(cores, command).output();
  const text = new TextDecoder().decode(stdout);
  const [, count] = /(\d+) requests in/.exec(text) ?? [];
  const [, perSecond] = /Requests\/sec:\s+([\d.]+)/.exec(text) ?? [];
  if (!success || !count || !perSecond) {
    throw new Error(`wrk failed (apt-get install wrk): ${text}`);
  }
  return { count: Number(count), perSecond: Number(perSecond) };
}

function on(cores: string, command: readonly string[], options?: Deno.CommandOptions) {
  return new Deno.Command("taskset", { ...options, args: ["-c", cores, ...command] });
}

/** User and system time of a process so far, all threads. */
function cpuTicks(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "").split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function untilServing(url: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      const { body } = await fetch(url);
      await body?.cancel();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`Nothing serves ${url} after 5 s`);
}

function summarize(rounds: readonly Round[]): Round {
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];
  return {
    perSecond: median(rounds.map((round) => round.perSecond)),
    cpuMicros: median(rounds.map((round) => round.cpuMicros)),
  };
}
