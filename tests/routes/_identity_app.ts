/** The whole app with people in it: accounts of every role, their tokens, cookies and API keys. */
import type { Role } from "../../src/auth/roles.ts";
import type { Scope } from "../../src/auth/scopes.ts";
import { type Answer, type AskOptions, createTestApp, type TestApp } from "../_app.ts";
import type { TestAppOptions } from "../_app.ts";

/** Limits far away: they have tests of their own. */
export const ROOMY: Readonly<Record<string, string>> = {
  LIMIT_AUTH: "ip:1000000/5m,account:1000000/5m",
  LIMIT_API: "user:1000000/1m",
  LIMIT_STORE: "ip:1000000/1m",
};

export const PASSWORD = "seven green bottles on a wall";
export const ORIGIN = "http://gate.example";
const ACTOR = { id: "test", requestId: "test" };

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly sessionId: string;
  readonly token: string;
  readonly refreshToken: string;
}

export interface Sent extends Omit<AskOptions, "method" | "body"> {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as a form of one of our pages. */
  readonly form?: Readonly<Record<string, string>>;
  /** Value of the console's cookie. */
  readonly cookie?: string;
}

export interface IdentityApp extends TestApp {
  send(method: string, path: string, sent?: Sent): Promise<Answer>;
  get(path: string, sent?: Sent): Promise<Answer>;
  post(path: string, sent?: Sent): Promise<Answer>;
  /** A new account that has just signed in. */
  person(role: Role, name?: string): Promise<Person>;
  /** One more sign-in of an account, as an answer of the API. */
  login(email: string, password?: string, code?: string): Promise<Answer>;
  /** The console's cookie of one more sign-in, and what its forms send back. */
  console(email: string): Promise<{ readonly cookie: string; readonly csrfToken: string }>;
  key(...scopes: Scope[]): Promise<string>;
}

export async function openIdentityApp(options: TestAppOptions = {}): Promise<IdentityApp> {
  const app = await createTestApp({ ...options, env: { ...ROOMY, ...options.env } });
  const { identity } = app.services;
  const client = { device: "Firefox on Linux", address: "203.0.113.1" };

  const send: IdentityApp["send"] = (method, path, sent = {}) => {
    const { json, form, cookie, ...rest } = sent;
    const headers = new Headers(rest.headers);
    if (json !== undefined) headers.set("content-type", "application/json");
    if (form && !headers.has("origin")) headers.set("origin", ORIGIN);
    if (cookie !== undefined) headers.set("cookie", `__Host-gatehouse=${cookie}`);
    const body = json !== undefined ? JSON.stringify(json) : form && new URLSearchParams(form);
    return app.ask(path, { ...rest, method, headers, body });
  };

  return {
    ...app,
    send,
    get: (path, sent) => send("GET", path, sent),
    post: (path, sent) => send("POST", path, sent),
    async person(role, name = role) {
      const email = `${name}@shop.example`;
      const { id } = await identity.accounts.create({ email, password: PASSWORD, role }, ACTOR);
      const pair = await identity.signIn.withTokens({ email, password: PASSWORD, client });
      const { sessionId, accessToken: token, refreshToken } = pair;
      return { id, email, sessionId, token, refreshToken };
    },
    login: (email, password = PASSWORD, code) =>
      send("POST", "/api/v1/auth/login", { json: { email, password, code } }),
    console: (email) => identity.signIn.withConsole({ email, password: PASSWORD, client }),
    async key(...scopes) {
      const draft = { name: "test", scopes };
      return (await identity.apiKeys.create(draft, ACTOR)).key;
    },
  };
}

/** The problem's code, or the status of an answer that is none. */
export function codeOf(answer: Answer): unknown {
  const isProblem = answer.headers.get("content-type")?.startsWith("application/problem+json");
  return isProblem ? answer.json().code : answer.status;
}

/** The rows of a list. */
export function itemsOf(answer: Answer): Record<string, unknown>[] {
  return answer.json().items as Record<string, unknown>[];
}
