import { assertEquals } from "@std/assert";
import { parseRetryAfter, ProviderError } from "../../src/errors/provider_error.ts";
import { DAY } from "../../src/time.ts";

Deno.test("parseRetryAfter() reads seconds and dates, bounded by a day", () => {
  const now = Date.UTC(2026, 10, 21);
  assertEquals(parseRetryAfter("7", now), 7_000);
  assertEquals(parseRetryAfter(" 0 ", now), 0);
  assertEquals(parseRetryAfter("Sat, 21 Nov 2026 00:01:00 GMT", now), 60_000);
  assertEquals(parseRetryAfter("Sat, 21 Nov 2020 00:01:00 GMT", now), 0);
  assertEquals(parseRetryAfter("999999999", now), DAY);
  for (const nothing of [null, undefined, "", "soon", "9".repeat(20)]) {
    assertEquals(parseRetryAfter(nothing, now), undefined);
  }
});

Deno.test("ProviderError says who answered what, in bounded words", () => {
  const error = new ProviderError({ provider: "mail_api", status: 422, detail: "x".repeat(9_000) });
  assertEquals(error.message, `mail_api answered 422: ${"x".repeat(200)}`);
  const model = new ProviderError({ provider: "llm", status: 200, complaint: "bad_answer" });
  assertEquals(model.message, "llm answered bad_answer");
});
