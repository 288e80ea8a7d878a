import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { createLog, type LogLevel, redact } from "../src/log.ts";

function capture(level: LogLevel = "debug") {
  const lines: string[] = [];
  const clock = { now: () => Date.UTC(2026, 10, 21), monotonic: () => 0 };
  return { lines, log: createLog({ level, clock, write: (line) => lines.push(line) }) };
}

Deno.test("createLog() writes one JSON object a line with time, level and event", () => {
  const { lines, log } = capture();
  log.info("server.listening", { port: 8000 });
  assertEquals(JSON.parse(lines[0]), {
    time: "2026-11-21T00:00:00.000Z",
    level: "info",
    event: "server.listening",
    port: 8000,
  });
});

Deno.test("createLog() drops what is below its level", () => {
  const { lines, log } = capture("warn");
  log.debug("a");
  log.info("b");
  log.warn("c");
  log.error("d");
  assertEquals(lines.map((line) => JSON.parse(line).event), ["c", "d"]);
});

Deno.test("createLog() shows no value whose name says it is secret, at any depth", () => {
  const { lines, log } = capture();
  log.info("x", {
    authorization: "opaque-value-1",
    nested: { Cookie: "opaque-value-2", list: [{ jwtSecret: "opaque-value-3" }] },
    user_email: "opaque-value-4",
  });
  assert(!lines[0].includes("opaque-value"), lines[0]);
});

Deno.test("createLog() redacts secrets inside errors and their causes", () => {
  const { lines, log } = capture();
  const cause = new TypeError("error sending request for url (http://u:pw@h.example/p?key=abcd)");
  log.error("x", { error: new Error("token (eyJhbGciOi.eyJzdWIiOi.c2ln) expired", { cause }) });
  const { error } = JSON.parse(lines[0]);
  assertStringIncludes(error.message, "token ([token]) expired");
  assert(!/abcd|u:pw|eyJ/.test(lines[0]), lines[0]);
  assertEquals(error.cause.name, "TypeError");
});

Deno.test("redact() takes out tokens, credentials, queries, e-mail and IP addresses", () => {
  const cases: [string, string][] = [
    ["Bearer abc.def-123", "Bearer [token]"],
    ["see https://a:b@h.example/x?q=1&t=2", "see https://[credentials]@h.example/x?[query]"],
    ["from anna.b+c@mail.example.org now", "from [email] now"],
    ["peer 203.0.113.9:5123 left", "peer [ip] left"],
    ["peer 2001:db8:0:0:1:2:3:4 left", "peer [ip] left"],
    ["at 12:30:45 a line", "at 12:30:45 a line"],
    ["http://127.0.0.1:8000 and [::1]:8000", "http://127.0.0.1:8000 and [::1]:8000"],
  ];
  for (const [text, expected] of cases) assertEquals(redact(text), expected);
});

Deno.test("createLog() bounds every line whatever it is given", () => {
  const { lines, log } = capture();
  const circular: Record<string, unknown> = { name: "loop" };
  circular.self = circular;
  const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`k${i}`, "v"]));
  log.info("x", { circular, wide, long: "a".repeat(100_000), list: Array(1_000).fill(1), n: 5n });
  assert(lines[0].length < 10_000, `${lines[0].length}`);
});

Deno.test("redact() is quick on hostile text", () => {
  const hostile = ["a@".repeat(5_000), "1.".repeat(5_000), "?".repeat(9_000), "eyJ".repeat(4_000)];
  const startedAt = performance.now();
  for (const text of hostile) redact(text);
  assert(performance.now() - startedAt < 200);
});

Deno.test("createLog() writes valid JSON for any fields", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.anything({ withBigInt: true })), (fields) => {
    const { lines, log } = capture();
    log.info("x", fields);
    JSON.parse(lines[0]);
  }));
});
