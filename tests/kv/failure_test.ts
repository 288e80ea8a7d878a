import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { AppError } from "../../src/errors/app_error.ts";
import { problem } from "../../src/errors/problem.ts";
import { isLocked, isMisuse, KvUnavailableError } from "../../src/kv/failure.ts";

/** What real backends throw, word for word (notes/platform.md 2.2 to 2.11). */
const MISUSES = [
  "Value too large (max 65536 bytes)",
  "Key too large for write (max 2048 bytes)",
  "Key too large for read (max 2049 bytes)",
  "Too many ranges (max 10)",
  "Too many checks (max 100)",
  "Too many mutations (max 1000)",
  "Total mutation size too large (max 819200 bytes)",
  "Too many entries (max 1000)",
  "key cannot be empty",
  "()=>1 could not be cloned.",
  "Failed to perform 'sum' mutation on a non-U64 value in the database",
  "Invalid check",
  "invalid cursor",
  "KV Connect failed to call 'http://127.0.0.1:4599/v2/atomic_write' (status=400 Bad Request): " +
  "Too many checks included in atomic write.",
];

const FAILURES = [
  "txnproxy call timed out",
  "KV reads quota is exhausted",
  "disk I/O error",
  "database disk image is malformed",
  "KV Connect failed to call 'https://kv.example/v2/snapshot_read' (status=429 Too Many Requests): slow",
  "KV Connect failed to call 'https://kv.example/v2/snapshot_read' (status=401 Unauthorized): no",
  "Bad resource ID",
];

Deno.test("isMisuse() tells mistakes of ours from failures of KV by their texts", () => {
  for (const text of MISUSES) assert(isMisuse(new TypeError(text)), text);
  for (const text of FAILURES) assert(!isMisuse(new TypeError(text)), text);
  assert(isMisuse(new RangeError("anything")));
  assert(!isMisuse("a thrown text"));
});

Deno.test("isLocked() knows a lock and nothing else", () => {
  assert(isLocked(new TypeError("database is locked")));
  assert(isLocked(new Error("SQLITE_BUSY: database table is locked: kv")));
  for (const text of [...FAILURES, ...MISUSES]) assert(!isLocked(new TypeError(text)), text);
  assert(!isMisuse(new TypeError("database is locked")));
});

Deno.test("KvUnavailableError becomes a 503 that says when to come back and nothing more", async () => {
  const cause = new TypeError("secret inner text");
  const error = new KvUnavailableError("failed", "KV read failed: secret inner text", 0, cause);
  assertInstanceOf(error, AppError);
  assertEquals(error.message, "KV read failed: secret inner text");
  const answer = problem(error.code, "r-1", error.options);
  assertEquals([answer.status, answer.headers.get("retry-after")], [503, "1"]);
  const body = await answer.text();
  assert(body.includes("TEMPORARILY_UNAVAILABLE"));
  assert(!body.includes("secret"), body);
});

Deno.test("KvUnavailableError asks clients to wait 1 to 30 whole seconds", () => {
  const wait = (ms: number) =>
    new KvUnavailableError("open", "", ms).options.headers?.["retry-after"];
  assertEquals([0, 999, 1_001, 29_500, 300_000].map(wait), ["1", "1", "2", "30", "30"]);
});

Deno.test("KvUnavailableError.mayHaveLanded is true only when KV was asked and gave no clear no", () => {
  const landed = (reason: KvUnavailableError["reason"]) =>
    new KvUnavailableError(reason, "").mayHaveLanded;
  assertEquals(landed("timeout"), true);
  assertEquals(landed("failed"), true);
  assertEquals(landed("open"), false);
  assertEquals(landed("contended"), false);
  assertEquals(landed("closed"), false);
});
