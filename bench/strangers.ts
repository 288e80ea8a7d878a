/**
 * `deno task bench:strangers [minutes]`: everything that ends, blinds or freezes careless gates, at
 * once and for ten minutes, beside people who shop. Prints what the people saw, and whether the
 * process is the same at the end; keeps the last result in bench/results/strangers.txt.
 */
import { createCommand, readWords } from "../ops/command_line.ts";
import { whole } from "../ops/values.ts";
import { spawnChild } from "../tests/_child.ts";
import { fileURLToPath } from "node:url";

const MINUTES_MAX = 30;
const command = createCommand("deno task bench:strangers", "Hostile traffic beside honest people.")
  .argument("[minutes]", "how long; 10 if left out", whole(1, MINUTES_MAX), 10);
const minutes: number = readWords(command).processedArgs[0];
const seconds = minutes * 60;

function spawn(script: string, args: readonly string[], env: Record<string, string> = {}) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return spawnChild(Deno.execPath(), {
    args: ["run", "-A", path, ...args],
    env,
    stdout: "piped",
    stderr: "inherit",
  });
}

/** Reads lines until one is what is waited for, and the rest unseen. */
async function lineOf(child: Deno.ChildProcess, wanted: RegExp): Promise<string> {
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`ended without ${wanted}: ${text}`);
    text += value;
    const line = text.split("\n").find((line) => wanted.test(line));
    if (line === undefined) continue;
    void drain(reader);
    return line;
  }
}

/** A pipe that nobody empties would stop its program. */
async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}

function residentMiB(pid: number): number {
  const [, kibi] = /VmRSS:\s+(\d+) kB/.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  return Math.round(Number(kibi) / 1024);
}

const children: Deno.ChildProcess[] = [];
try {
  const origin = spawn("strangers/origin.ts", []);
  children.push(origin);
  const { port } = JSON.parse(await lineOf(origin, /port/));
  const gate = spawn("../main.ts", [], {
    PORT: "0",
    KV_PATH: ":memory:",
    ORIGIN_URL: `http://127.0.0.1:${port}`,
    TRUSTED_PROXIES: "127.0.0.1",
  });
  children.push(gate);
  const { url } = JSON.parse(await lineOf(gate, /server\.listening/));
  const before = residentMiB(gate.pid);
  const hostile = spawn("strangers/hostile.ts", [url, String(seconds)]);
  const honest = spawn("strangers/honest.ts", [url, String(seconds)]);
  children.push(hostile, honest);
  const seen = JSON.parse(await lineOf(honest, /statuses/));
  const answered = await lineOf(hostile, /^\{/);
  const last = await fetch(`${url}/us/products`).then((response) => response.status);
  const lines = [
    `strangers for ${minutes} min, ${
      new Date().toISOString().slice(0, 10)
    }, Deno ${Deno.version.deno}`,
    `honest   ${JSON.stringify(seen.statuses)}`,
    `         p50 ${seen.p50.toFixed(1)} ms, p99 ${seen.p99.toFixed(1)} ms, ` +
    `p99.9 ${seen.p999.toFixed(1)} ms, longest ${seen.max.toFixed(1)} ms`,
    `hostile  ${answered}`,
    `process  the same, RSS ${before} MiB before and ${residentMiB(gate.pid)} MiB after, ` +
    `a page at the end answers ${last}`,
  ];
  console.log(lines.join("\n"));
  Deno.writeTextFileSync(
    new URL("results/strangers.txt", import.meta.url),
    `${lines.join("\n")}\n`,
  );
} finally {
  for (const child of children) {
    try {
      child.kill("SIGKILL");
    } catch {
      // It had ended by itself.
    }
  }
}
