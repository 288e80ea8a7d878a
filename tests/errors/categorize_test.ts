import { assert, assertEquals } from "@std/assert";
import { AppError } from "../../src/errors/app_error.ts";
import { categorize } from "../../src/errors/categorize.ts";
import { type ErrorCode, ERRORS } from "../../src/errors/codes.ts";
import { FAILURES } from "../../src/errors/failures.ts";
import { ProviderError } from "../../src/errors/provider_error.ts";
import { KvUnavailableError } from "../../src/kv/failure.ts";
import { NETWORK } from "./_network.ts";
import { caught, PROVOKED } from "./_provoked.ts";

const TABLE = { ...ERRORS, ...FAILURES };

for (const { name, code, provoke } of [...PROVOKED, ...NETWORK]) {
  Deno.test(`categorize() says ${code}: ${name}`, async () => {
    const { category, severity, retryable } = TABLE[code];
    const { retryAfterMs: _, ...found } = categorize(await caught(provoke));
    assertEquals(found, { category, severity, code, retryable });
  });
}

Deno.test("every failure of the table is provoked, and there are more than sixty", () => {
  const provoked = new Set([...PROVOKED, ...NETWORK].map(({ code }) => code));
  const missing = Object.keys(FAILURES).filter((code) => !provoked.has(code as ErrorCode));
  // A full disk and an unreachable network cannot be had here; their codes are tried below.
  assertEquals(missing.sort(), ["DISK_FULL", "NETWORK_FAILED"]);
  assert(PROVOKED.length + NETWORK.length > 60);
});

Deno.test("categorize() knows the codes of the operating system and of mail servers", () => {
  const coded = (code: string, more = {}) =>
    categorize(Object.assign(new Error("x"), { code, ...more }));
  const codes = {
    ENOSPC: "DISK_FULL",
    ENETUNREACH: "NETWORK_FAILED",
    ECONNRESET: "CONNECTION_LOST",
    ETIMEDOUT: "TIMED_OUT",
    EDNS: "DNS_FAILED",
    EAUTH: "PROVIDER_LOGIN_REFUSED",
    EENVELOPE: "PROVIDER_REFUSED",
    CERT_HAS_EXPIRED: "TLS_FAILED",
  };
  for (const [code, expected] of Object.entries(codes)) assertEquals(coded(code).code, expected);
  assertEquals(coded("EENVELOPE", { responseCode: 451 }).code, "PROVIDER_FAILED");
  assertEquals(coded("EENVELOPE", { responseCode: 550 }).code, "PROVIDER_REFUSED");
  assertEquals(coded("EAUTH", { responseCode: 535 }).code, "PROVIDER_LOGIN_REFUSED");
  assertEquals(categorize(new TypeError("fetch failed")).code, "NETWORK_FAILED");
});

Deno.test("categorize() tells how long to wait when the other side said so", () => {
  const answer = new ProviderError({ provider: "p", status: 429, retryAfterMs: 7_000 });
  assertEquals(categorize(answer).retryAfterMs, 7_000);
  assertEquals(categorize(new KvUnavailableError("open", "out", 9_500)).retryAfterMs, 10_000);
  assertEquals(categorize(new AppError("RATE_LIMITED")).retryAfterMs, undefined);
});

Deno.test("categorize() looks for the reason in the causes, but not for ever", () => {
  const locked = new TypeError("database is locked");
  assertEquals(categorize(new Error("order failed", { cause: locked })).code, "KV_LOCKED");
  const own = new Error("failed", { cause: new AppError("ORIGIN_TIMEOUT") });
  assertEquals(categorize(own).code, "ORIGIN_TIMEOUT");
  const deep = Array.from({ length: 9 }).reduce<Error>(
    (cause) => new Error("x", { cause }),
    locked,
  );
  assertEquals(categorize(deep).code, "UNKNOWN");
  const ring = new Error("ring");
  ring.cause = new Error("other", { cause: ring });
  assertEquals(categorize(ring).code, "UNKNOWN");
  // What an error says itself counts before its cause.
  assertEquals(categorize(new Error("dns error", { cause: locked })).code, "DNS_FAILED");
});

Deno.test("categorize() takes the worst of an AggregateError", () => {
  const low = new AppError("NOT_FOUND");
  const high = new TypeError("Cannot read properties of null");
  const busy = new ProviderError({ provider: "p", status: 503 });
  assertEquals(categorize(new AggregateError([low, high, busy])).code, "BUG");
  assertEquals(categorize(new AggregateError([busy, low])).retryable, false);
  assertEquals(categorize(new AggregateError([busy, busy])).retryable, true);
  const many = Array.from({ length: 1_000 }, () => low);
  assertEquals(categorize(new AggregateError([...many, high])).code, "NOT_FOUND");
  const ring = new AggregateError([]);
  ring.errors.push(ring);
  assertEquals(categorize(ring).code, "UNKNOWN");
});

Deno.test("categorize() survives whatever is thrown", () => {
  const angry = () => {
    throw new Error("do not look");
  };
  const getters = Object.defineProperties(new Error("x"), {
    name: { get: angry },
    message: { get: angry },
    code: { get: angry },
    status: { get: angry },
    cause: { get: angry },
  });
  const proxy = new Proxy({}, { get: angry, getPrototypeOf: angry, has: angry, ownKeys: angry });
  const { proxy: revoked, revoke } = Proxy.revocable([], {});
  revoke();
  const list = Object.assign(new Error("x"), { name: "AggregateError", errors: revoked });
  const huge = new Error("database ".repeat(2_000_000));
  const odd = Object.assign(new Error("x"), { name: 7, message: {}, code: [], status: "no" });
  for (const thrown of [getters, proxy, revoked, list, huge, odd, 1n, NaN, true]) {
    assertEquals(categorize(thrown).category, "SYSTEM");
  }
});
