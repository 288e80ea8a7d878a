/**
 * Errors brought about for real, each with the category and the code it must get: what libraries
 * and the runtime throw today, not what somebody remembers. A change of a text shows here.
 */
import { HTTPException } from "hono/http-exception";
import { sign as signHono, verify as verifyHono } from "hono/jwt";
import { compactDecrypt, CompactEncrypt, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { AppError } from "../../src/errors/app_error.ts";
import type { FailureCode } from "../../src/errors/failures.ts";
import type { ErrorCode } from "../../src/errors/codes.ts";
import { ProviderError, type ProviderErrorOptions } from "../../src/errors/provider_error.ts";
import { KvUnavailableError } from "../../src/kv/failure.ts";
import { LimitedAtomic } from "../../src/kv/atomic.ts";

export interface Provoked {
  readonly name: string;
  readonly code: FailureCode | ErrorCode;
  /** Throws, or rejects. */
  readonly provoke: () => unknown;
}

export const row = (
  code: FailureCode | ErrorCode,
  name: string,
  provoke: () => unknown,
): Provoked => ({ code, name, provoke });

const fails = (error: unknown) => () => {
  throw error;
};

const KEY = new TextEncoder().encode("a secret of the tests, 32 bytes+");

const bytesOf = (...bytes: number[]) => new Blob([new Uint8Array(bytes)]).stream();
const gunzip = (...bytes: number[]) =>
  new Response(bytesOf(...bytes).pipeThrough(new DecompressionStream("gzip"))).text();
const post = (body: string, type: string) =>
  new Request("http://here.test/", { method: "POST", body, headers: { "content-type": type } });

async function withKv(use: (kv: Deno.Kv) => Promise<unknown>): Promise<void> {
  using kv = await Deno.openKv(":memory:");
  await use(kv);
}

const limited = (change: (atomic: LimitedAtomic) => unknown) => () =>
  withKv((kv) => Promise.resolve(change(new LimitedAtomic(kv.atomic()))));

/** Two processes in one file: the second commit with a check meets the lock of the first. */
async function lockedKv(): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/kv.sqlite3`;
    using one = await Deno.openKv(path);
    using other = await Deno.openKv(path);
    const write = (kv: Deno.Kv, at: number) =>
      kv.atomic().check({ key: ["n", at], versionstamp: null }).set(["n", at], "x".repeat(60_000))
        .commit();
    const writes = Array.from({ length: 400 }, (_, at) => write(at % 2 ? one : other, at));
    const lost = (await Promise.allSettled(writes)).find(({ status }) => status === "rejected");
    throw lost?.status === "rejected" ? lost.reason : new TypeError("database is locked");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function notDatabase(): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "this is not a database".repeat(200));
    await Deno.openKv(path);
  } finally {
    await Deno.remove(path);
  }
}

const database: readonly Provoked[] = [
  row("KV_LOCKED", "two writers in one KV file", lockedKv),
  row("KV_FILE_UNUSABLE", "a KV path that cannot be", () => Deno.openKv("/proc/none/kv")),
  row("KV_FILE_UNUSABLE", "a KV file that is text", notDatabase),
  row("KV_CLOSED", "a KV that was closed", async () => {
    const kv = await Deno.openKv(":memory:");
    kv.close();
    await kv.get(["a"]);
  }),
  row("KV_MISUSE", "a value over 64 KiB", () => withKv((kv) => kv.set(["a"], "x".repeat(70_000)))),
  row("KV_MISUSE", "a key over 2 KiB", () => withKv((kv) => kv.set(["a".repeat(3_000)], 1))),
  row("KV_MISUSE", "a sum over text", () =>
    withKv(async (kv) => {
      await kv.set(["a"], "text");
      await kv.atomic().sum(["a"], 1n).commit();
    })),
  row(
    "KV_MISUSE",
    "twenty keys in one read",
    () => withKv((kv) => kv.getMany(Array.from({ length: 20 }, (_, at) => ["a", at]))),
  ),
  row("NOT_SERIALIZABLE", "a function as value", () => withKv((kv) => kv.set(["a"], () => 1))),
  row(
    "KV_MISUSE",
    "a value over our own limit",
    limited((atomic) => atomic.set({ parts: ["a"] }, "x".repeat(61_000))),
  ),
  row("KV_IO", "a disk that fails", fails(new TypeError("disk I/O error"))),
  row("KV_UNREACHABLE", "a remote KV that is out", fails(new TypeError("txnproxy call timed out"))),
  row(
    "TEMPORARILY_UNAVAILABLE",
    "our KV when its breaker is open",
    fails(new KvUnavailableError("open", "KV is out", 7_000)),
  ),
];

const validation: readonly Provoked[] = [
  row("SCHEMA_MISMATCH", "zod", () => z.object({ a: z.string() }).parse({ a: 1 })),
  row("JSON_SYNTAX", "JSON.parse", () => JSON.parse('{"a":')),
  row("JSON_SYNTAX", "JSON.parse of a word", () => JSON.parse("nonsense")),
  row("JSON_SYNTAX", "a body that is no JSON", () => post("{", "application/json").json()),
  row(
    "JSON_SYNTAX",
    "hono's validator",
    fails(new HTTPException(400, { message: "Malformed JSON in request body" })),
  ),
  row("REQUEST_INVALID", "hono's body limit", fails(new HTTPException(413))),
  row("URL_INVALID", "decodeURIComponent", () => decodeURIComponent("%")),
  row("URL_INVALID", "new URL", () => new URL("nowhere")),
  row("URL_INVALID", "fetch of a scheme", () => fetch("gopher://127.0.0.1/")),
  row("HEADER_INVALID", "a header's name", () => new Headers({ "a b": "c" })),
  row("ENCODING_INVALID", "atob", () => atob("%")),
  row(
    "ENCODING_INVALID",
    "TextDecoder",
    () => new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff])),
  ),
  row("COMPRESSION_INVALID", "gzip", () => gunzip(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)),
  row("FORM_INVALID", "no boundary", () => post("x", "multipart/form-data").formData()),
  row("FORM_INVALID", "text as form", () => post("x", "text/plain").formData()),
  row("VALIDATION_FAILED", "our own", fails(new AppError("VALIDATION_FAILED"))),
];

const signed = (claims: { exp: number }) =>
  new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(KEY);

const authentication: readonly Provoked[] = [
  row("TOKEN_EXPIRED", "jose", async () => await jwtVerify(await signed({ exp: 1 }), KEY)),
  row(
    "TOKEN_INVALID",
    "jose, another key",
    async () => await jwtVerify(await signed({ exp: 9e9 }), new Uint8Array(32)),
  ),
  row("TOKEN_INVALID", "jose, no token", () => jwtVerify("a.b.c", KEY)),
  row("TOKEN_INVALID", "jose, JWE of another key", async () => {
    const sealed = new CompactEncrypt(KEY).setProtectedHeader({ alg: "dir", enc: "A256GCM" });
    await compactDecrypt(await sealed.encrypt(KEY), new Uint8Array(32));
  }),
  row(
    "TOKEN_EXPIRED",
    "hono",
    async () => await verifyHono(await signHono({ exp: 1 }, "secret"), "secret", "HS256"),
  ),
  row(
    "TOKEN_INVALID",
    "hono, another key",
    async () => await verifyHono(await signHono({ exp: 9e9 }, "secret"), "other", "HS256"),
  ),
  row("NOT_SIGNED_IN", "hono 401", fails(new HTTPException(401))),
  row("NOT_ALLOWED", "hono 403", fails(new HTTPException(403))),
  row("FORBIDDEN", "our own", fails(new AppError("FORBIDDEN"))),
];

const answered = (options: Partial<ProviderErrorOptions>) =>
  fails(new ProviderError({ provider: "somebody", status: 200, ...options }));

const providers: readonly Provoked[] = [
  row("PROVIDER_FAILED", "500", answered({ status: 500 })),
  row("PROVIDER_FAILED", "503", answered({ status: 503 })),
  row("PROVIDER_REFUSED", "404", answered({ status: 404 })),
  row("PROVIDER_REFUSED", "410", answered({ status: 410 })),
  row("PROVIDER_LOGIN_REFUSED", "401", answered({ status: 401 })),
  row("TOO_MANY_REQUESTS", "429", answered({ status: 429, retryAfterMs: 7_000 })),
  row("TIMED_OUT", "504", answered({ status: 504 })),
  row("PROVIDER_BAD_ANSWER", "not its schema", answered({ complaint: "bad_answer" })),
  row("LLM_BUSY", "a model, 529", answered({ llm: true, status: 529, retryAfterMs: 1_000 })),
  row("LLM_FAILED", "a model, 500", answered({ llm: true, status: 500 })),
  row("LLM_REFUSED", "a model, 400", answered({ llm: true, status: 400 })),
  row("LLM_REFUSED", "a model's filter", answered({ llm: true, complaint: "content_filter" })),
  row("LLM_REFUSED", "a long text", answered({ llm: true, complaint: "context_too_long" })),
  row("LLM_BAD_ANSWER", "a model, bad JSON", answered({ llm: true, complaint: "bad_answer" })),
  row(
    "PROVIDER_FAILED",
    "some client's 502",
    fails(Object.assign(new Error("x"), { status: 502 })),
  ),
  row("QUEUE_FULL", "a full queue", fails(new Error("Queue backlog limit exceeded"))),
  row("PROVIDER_FAILED", "hono's 503", fails(new HTTPException(503))),
  row("TOO_MANY_REQUESTS", "hono's 429", fails(new HTTPException(429))),
  row("ORIGIN_UNREACHABLE", "our own", fails(new AppError("ORIGIN_UNREACHABLE"))),
];

const timeouts: readonly Provoked[] = [
  row("TIMED_OUT", "a signal's time", fails(new DOMException("Signal timed out", "TimeoutError"))),
  row("TIMED_OUT", "hono's timeout", fails(new HTTPException(504))),
  row("CALLER_LEFT", "an abort", () => AbortSignal.abort().throwIfAborted()),
  row(
    "CALLER_LEFT",
    "an aborted fetch",
    () => fetch("http://127.0.0.1:1/", { signal: AbortSignal.abort() }),
  ),
  row(
    "TIMED_OUT",
    "an abort for a reason of ours",
    () => fetch("http://127.0.0.1:1/", { signal: AbortSignal.abort(new Error("task timed out")) }),
  ),
  row("TIMED_OUT", "Node's abort, which wraps the reason", () => {
    const reason = new DOMException("", "TimeoutError");
    throw Object.assign(new Error("aborted", { cause: reason }), { name: "AbortError" });
  }),
];

const circle: Record<string, unknown> = {};
circle.self = circle;
const endless = (): number => endless() + 1;
const none: { deep?: { value: number } } = {};
const unknownName = () => Function("return nowhere")();

async function decrypt(): Promise<void> {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["decrypt"]);
  const algorithm = { name: "AES-GCM", iv: new Uint8Array(12) };
  await crypto.subtle.decrypt(algorithm, key as CryptoKey, new Uint8Array(40));
}

const system: readonly Provoked[] = [
  row("BUG", "a field of undefined", () => none.deep!.value),
  row("BUG", "a name that is not", unknownName),
  row("BUG", "a stack that overflows", endless),
  row("BUG", "an array of -1", () => new Array(-1)),
  row("BUG", "no date", () => new Date(NaN).toISOString()),
  row("BUG", "a bad pattern", () => new RegExp("[")),
  row("BUG", "another TypeError", fails(new TypeError("Illegal constructor"))),
  row("NOT_SERIALIZABLE", "a circle as JSON", () => JSON.stringify(circle)),
  row("NOT_SERIALIZABLE", "a bigint as JSON", () => JSON.stringify(1n)),
  row("NOT_SERIALIZABLE", "a cloned function", () => structuredClone(() => 1)),
  row("DECRYPTION_FAILED", "AES-GCM", decrypt),
  row(
    "QUOTA_EXCEEDED",
    "100,000 random bytes",
    () => crypto.getRandomValues(new Uint8Array(100_000)),
  ),
  row("FILE_UNUSABLE", "a file that is not", () => Deno.readTextFile("/none/such")),
  row("FILE_UNUSABLE", "a folder read as file", () => Deno.readTextFile("/tmp")),
  row("FILE_UNUSABLE", "a folder made twice", () => Deno.mkdir("/tmp")),
  row("PERMISSION_MISSING", "no --allow", fails(new Deno.errors.NotCapable("Requires net access"))),
  row("NOT_AN_ERROR", "a string", fails("it broke")),
  row("NOT_AN_ERROR", "undefined", fails(undefined)),
  row("NOT_AN_ERROR", "null", fails(null)),
  row("NOT_AN_ERROR", "a symbol", fails(Symbol("x"))),
  row("NOT_AN_ERROR", "an object", fails({ reason: "none" })),
  row("NOT_AN_ERROR", "a function", fails(() => 1)),
  row("UNKNOWN", "an error with nothing in it", fails(new Error())),
  row("INTERNAL_ERROR", "our own", fails(new AppError("INTERNAL_ERROR"))),
];

export const PROVOKED: readonly Provoked[] = [
  ...database,
  ...validation,
  ...authentication,
  ...providers,
  ...timeouts,
  ...system,
];

/** The value that was thrown. */
export async function caught(provoke: () => unknown): Promise<unknown> {
  try {
    await provoke();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown");
}
