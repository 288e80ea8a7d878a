/** Starts the origin and, before it, the whole app, each as its own process, as in real life. */
import { fileURLToPath } from "node:url";
import { spawnChild } from "../_child.ts";

export interface Started extends AsyncDisposable {
  /** What the first line that matched said. */
  readonly line: string;
  readonly pid: number;
  /** Everything written so far, for a failure's message. */
  output(): string;
  stop(signal?: Deno.Signal): Promise<Deno.CommandStatus>;
}

/**
 * Runs a script and waits until a line of its output matches.
 * @param openFilesMax How many files and sockets it may have open, where the machine's own is more.
 */
export async function start(
  script: string,
  env: Record<string, string>,
  ready: RegExp,
  openFilesMax?: number,
): Promise<Started> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const limit = openFilesMax === undefined ? "" : `ulimit -n ${openFilesMax};`;
  const child = spawnChild("sh", {
    args: ["-c", `${limit} exec "$@"`, "sh", Deno.execPath(), "run", "-A", path],
    env,
    stdout: "piped",
    stderr: "piped",
  });
  let text = "";
  const found = Promise.withResolvers<string>();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const line = text.split("\n").find((line) => ready.test(line));
      if (line) found.resolve(line);
    }
  };
  const reading = Promise.all([read(child.stdout), read(child.stderr)]);
  reading.then(() => found.reject(new Error(`${script} ended before it was ready:\n${text}`)));
  let status: Promise<Deno.CommandStatus> | undefined;
  const stop = (signal: Deno.Signal = "SIGKILL") => {
    if (!status) {
      status = child.status;
      try {
        child.kill(signal);
      } catch {
        // It had ended by itself, and its status says how.
      }
    }
    return status;
  };
  try {
    const line = await found.promise;
    return {
      line,
      pid: child.pid,
      output: () => text,
      stop,
      async [Symbol.asyncDispose]() {
        await stop();
        await reading;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface TestOrigin extends Started {
  readonly url: string;
  /** Speaks HTTP badly. */
  readonly rawUrl: string;
}

export async function startOrigin(): Promise<TestOrigin> {
  const started = await start("./_origin.ts", {}, /rawPort/);
  const { port, rawPort } = JSON.parse(started.line);
  return { ...started, url: `http://127.0.0.1:${port}`, rawUrl: `http://127.0.0.1:${rawPort}` };
}

export interface TestGateway extends Started {
  readonly url: string;
}

/** Limits far away: these tests are about bytes. */
const ROOMY = { LIMIT_STORE: "ip:9000000/1m,user:9000000/1m", LIMIT_ASSETS: "ip:9000000/1m" };

export async function startGateway(
  env: Record<string, string>,
  openFilesMax?: number,
): Promise<TestGateway> {
  const settings = { PORT: "0", KV_PATH: ":memory:", ...ROOMY, ...env };
  const started = await start("../../main.ts", settings, /server\.listening/, openFilesMax);
  return { ...started, url: JSON.parse(started.line).url };
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const [, kibi] = /VmRSS:\s+(\d+) kB/.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  return Number(kibi) * 1024;
}
