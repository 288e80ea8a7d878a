/**
 * The demo shop with a small frame of its own: KV in memory, failures answered as the app answers
 * them, and the Content-Security-Policy of our pages.
 */
import type { Hono } from "hono";
import type { GateContext, GateEnv, VerifiedUser } from "../../../src/context.ts";
import { AppError } from "../../../src/errors/app_error.ts";
import { problem } from "../../../src/errors/problem.ts";
import type { Kv } from "../../../src/kv/kv.ts";
import { openKv } from "../../../src/kv/open.ts";
import { createLog } from "../../../src/log.ts";
import { prefersJson } from "../../../src/origin/demo/negotiation.ts";
import { renderErrorPage } from "../../../src/origin/demo/pages/error_page.tsx";
import { createDemoShop } from "../../../src/origin/demo/shop.tsx";
import type { Clock } from "../../../src/time.ts";
import { createTestClock, type TestClock } from "../../_clock.ts";

const CSP = (nonce: string) =>
  `default-src 'none'; script-src 'nonce-${nonce}' 'strict-dynamic'; style-src 'self'; ` +
  "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
  readonly user?: VerifiedUser;
  readonly scheme?: "http" | "https";
}

/** Answers a request as the app would: with the policy, and failures as problem or page. */
export async function serveShop(
  shop: Hono<GateEnv>,
  request: Request,
  gate: GateContext,
): Promise<Response> {
  const response = await answer(shop, request, gate);
  response.headers.set("content-security-policy", CSP(gate.nonce()));
  response.headers.set("x-content-type-options", "nosniff");
  response.headers.set("referrer-policy", "same-origin");
  return response;
}

async function answer(shop: Hono<GateEnv>, request: Request, gate: GateContext) {
  try {
    return await shop.fetch(request, gate);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (prefersJson(request)) return problem(error.code, gate.requestId, error.options);
    const page = renderErrorPage(error.code, request, gate, error.options);
    const headers = { "content-type": "text/html; charset=utf-8", ...error.options.headers };
    return new Response(page, { status: error.spec.status, headers });
  }
}

export function gateOf(request: Request, extra: Partial<GateContext> = {}): GateContext {
  const url = new URL(request.url);
  const nonce = crypto.randomUUID();
  return {
    requestId: "test-1",
    path: url.pathname,
    client: {
      ip: "203.0.113.1",
      subject: "203.0.113.1",
      peer: "203.0.113.1",
      viaTrustedProxy: false,
    },
    scheme: "http",
    host: url.host,
    nonce: () => nonce,
    remoteAddr: { transport: "tcp", hostname: "203.0.113.1", port: 1 },
    ...extra,
  };
}

export interface TestShop extends AsyncDisposable {
  readonly shop: Hono<GateEnv>;
  readonly kv: Kv;
  readonly clock: TestClock;
  /** Lines of the log so far. */
  readonly logged: string[];
  /** Calls of KV so far. */
  calls(): number;
  ask(path: string, ask?: Ask): Promise<Response>;
}

export async function createTestShop(wrap: (kv: Kv) => Kv = (kv) => kv): Promise<TestShop> {
  const clock = createTestClock();
  const logged: string[] = [];
  const log = createLog({ level: "debug", clock, write: (line) => logged.push(line) });
  let calls = 0;
  const kv = await openTestKv(clock, () => calls++);
  const shop = createDemoShop({ kv: wrap(kv), clock, log });
  return {
    shop,
    kv,
    clock,
    logged,
    calls: () => calls,
    ask(path, { user, scheme = "http", ...init } = {}) {
      const request = new Request(`${scheme}://shop.example${path}`, init);
      return serveShop(shop, request, gateOf(request, { user, scheme }));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(kv.close()),
  };
}

export const JSON_TYPE = { "content-type": "application/json" };
export const WANTS_JSON = { accept: "application/json" };
export const WANTS_PAGE = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

/** A POST of JSON that wants JSON. */
export function postJson(value: unknown, headers: Readonly<Record<string, string>> = {}): Ask {
  const body = typeof value === "string" ? value : JSON.stringify(value);
  return { method: "POST", headers: { ...JSON_TYPE, ...WANTS_JSON, ...headers }, body };
}

/** A POST as a browser sends a form of ours. */
export function postForm(
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Ask {
  const from = { "sec-fetch-site": "same-origin" };
  return {
    method: "POST",
    headers: { ...WANTS_PAGE, ...from, ...headers },
    body: new URLSearchParams(fields),
  };
}

/** The cookies an answer sets, as the next request sends them back. */
export function cookiesOf(response: Response): string {
  return response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
}

/** A form that is right in the United States. */
export const US_CHECKOUT = {
  name: "Ada Lovelace",
  email: "ada@example.org",
  street: "12 Rose Lane",
  city: "Springfield",
  region: "NY",
  postcode: "10001",
  payment_method: "card",
} as const;

export function openTestKv(clock: Clock, onCall: () => void = () => {}): Promise<Kv> {
  const log = createLog({ level: "error", clock });
  return openKv({ path: ":memory:", clock, log, deadlineMs: 10_000, onCall });
}
