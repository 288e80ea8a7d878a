import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import type { ErrorCategory } from "../../src/errors/codes.ts";
import { FAILURES } from "../../src/errors/failures.ts";
import { retryDelayMs, retryStrategyOf } from "../../src/errors/retry_strategy.ts";

const failures = Object.entries(FAILURES).map(([code, row]) => ({ ...row, code }));
const anyFailure = fc.constantFrom(...failures);
const share = fc.double({ min: 0, max: 0.999, noNaN: true });

Deno.test("retryDelayMs() gives up when the error will not pass, or the tries are used up", () => {
  fc.assert(fc.property(anyFailure, fc.integer({ min: 1, max: 20 }), (failure, attempt) => {
    const { attempts } = retryStrategyOf(failure.category);
    const expected = failure.retryable && attempt < attempts;
    assertEquals(retryDelayMs(failure, attempt) !== undefined, expected);
  }));
});

Deno.test("retryDelayMs() stays within its cap, and doubles below it", () => {
  fc.assert(
    fc.property(anyFailure, fc.integer({ min: 1, max: 9 }), share, (failure, attempt, random) => {
      const delayMs = retryDelayMs(failure, attempt, () => random);
      if (delayMs === undefined) return;
      const { baseMs, capMs } = retryStrategyOf(failure.category);
      const fullMs = Math.min(capMs, baseMs * 2 ** (attempt - 1));
      assert(delayMs >= fullMs / 2 && delayMs <= fullMs);
    }),
  );
});

Deno.test("retryDelayMs() never comes back sooner than it was asked to", () => {
  const failure = { ...FAILURES.TOO_MANY_REQUESTS, code: "X", retryAfterMs: 90_000 };
  assertEquals(retryDelayMs(failure, 1, () => 0), 90_000);
  assert(retryDelayMs(failure, 4, () => 0.999)! <= 90_000 * 1.25);
});

Deno.test("validation and sign-in are never tried again", () => {
  const never: ErrorCategory[] = ["VALIDATION", "AUTHENTICATION"];
  for (const category of never) assertEquals(retryStrategyOf(category).attempts, 1);
});
