/** The whole app, as main.ts builds it, on a KV and a clock of the test, asked without a socket. */
import { createApp } from "../routes/app.ts";
import type { Gate } from "../routes/gate.ts";
import { parseConfig } from "../src/config.ts";
import type { RawKv } from "../src/kv/raw.ts";
import { createLog, silentLog } from "../src/log.ts";
import { createServices, type Services } from "../src/services.ts";
import { systemClock } from "../src/time.ts";
import { createTestClock, type TestClock } from "./_clock.ts";

export interface TestAppOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A KV to use, such as a fault KV; `:memory:` without one. */
  readonly rawKv?: RawKv;
  readonly clock?: TestClock;
}

export interface AskOptions extends RequestInit {
  /** Address of the peer; 203.0.113.1 without one. */
  readonly from?: string;
  /** Bearer token. */
  readonly token?: string;
}

export interface TestApp extends AsyncDisposable {
  readonly gate: Gate;
  readonly services: Services;
  readonly clock: TestClock;
  /** Lines of the log so far. */
  readonly logged: string[];
  /** One request, answered; the body is read into the answer so that nothing leaks. */
  ask(path: string, options?: AskOptions): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; throws when it is none. */
  json(): Record<string, unknown>;
}

export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { clock = createTestClock(), rawKv, env } = options;
  const logged: string[] = [];
  const log = createLog({ level: "debug", clock, write: (line) => logged.push(line) });
  const config = parseConfig({ KV_PATH: ":memory:", ...env });
  const services = await createServices({ config, clock, log, fetch, rawKv });
  const gate = createApp(services);
  return {
    gate,
    services,
    clock,
    logged,
    async ask(path, { from = "203.0.113.1", token, ...init } = {}) {
      const headers = new Headers(init.headers);
      if (token) headers.set("authorization", `Bearer ${token}`);
      const request = new Request(`http://gate.example${path}`, { ...init, headers });
      return await read(await gate(request, peer(from)));
    },
    async [Symbol.asyncDispose]() {
      await services.site.close();
      await services.stop();
    },
  };
}

export function peer(hostname: string): Pick<Deno.ServeHandlerInfo, "remoteAddr"> {
  return { remoteAddr: { transport: "tcp", hostname, port: 50_000 } };
}

export async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const { status, headers } = response;
  return { status, headers, text, json: () => JSON.parse(text) };
}

export interface ServedApp extends AsyncDisposable {
  readonly url: string;
  readonly services: Services;
}

/** The whole app on a real socket and a real clock, for browsers. */
export async function serveTestApp(env: Readonly<Record<string, string>> = {}): Promise<ServedApp> {
  const config = parseConfig({ KV_PATH: ":memory:", ...env });
  const services = await createServices({ config, clock: systemClock, log: silentLog, fetch });
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    createApp(services),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    services,
    async [Symbol.asyncDispose]() {
      await services.site.close();
      await server.shutdown();
      await services.stop();
    },
  };
}
