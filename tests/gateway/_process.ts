/** Starts servers as processes of their own, learns where they listen, and ends them for certain. */
import { assert } from "@std/assert";
import { environment } from "../../src/config.ts";
import { spawnChild } from "../_child.ts";

export interface Server extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly pid: number;
  /** Asks it to stop with SIGTERM and waits. Returns its exit code. */
  stop(): Promise<number>;
  /** Ends it with SIGKILL and waits. */
  kill(): Promise<number>;
}

export type Environment = Readonly<Record<string, string>>;

/** Starts something that stands in front of `ORIGIN_URL` and takes the settings of Gatehouse. */
export type StartGateway = (env: Environment) => Promise<Server>;

/** Runs a module that prints the URL it listens at. */
export async function startServer(
  module: string,
  env: Environment = {},
  deno = Deno.execPath(),
): Promise<Server> {
  const child = spawnChild(deno, {
    args: ["run", "-A", "--quiet", module],
    cwd: new URL("../../", import.meta.url),
    env: { PORT: "0", ...env },
    stdout: "piped",
    stderr: "inherit",
  });
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  let url: string | undefined;
  while (!url) {
    const { value, done } = await output.read();
    assert(!done, `${module} ended before it listened: ${printed}`);
    printed += value;
    url = /https?:\/\/[\w.]+:\d+/.exec(printed)?.[0];
  }
  const drained = (async () => {
    while (!(await output.read()).done);
  })();
  const end = async (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // It has ended already.
    }
    await drained;
    return (await child.status).code;
  };
  return {
    url,
    pid: child.pid,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    [Symbol.asyncDispose]: async () => void await end("SIGKILL"),
  };
}

/** The gateway alone, without a gate around it; `GATEWAY_DENO` names another Deno to run it. */
export const startGateway: StartGateway = (env) =>
  startServer("tests/gateway/_gateway.ts", env, environment().GATEWAY_DENO);

/** The site behind it. */
export const startOrigin = (env?: Environment) => startServer("tests/gateway/_origin.ts", env);
export const startRawOrigin = () => startServer("tests/gateway/_raw_origin.ts");

/** Memory that a process has in use, in MiB. */
export async function memoryMib(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

/** A port of this machine where nothing listens. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Waits until something is true, for at most 5 s. */
export async function until(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < 5_000; waitedMs += 20) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`It did not happen within 5 s: ${what}`);
}
