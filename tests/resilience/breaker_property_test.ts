/**
 * The breaker against a model that keeps the whole history and looks everything up in it. They
 * share the rules of notes/limits.md section 4, and not a line of code.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type BreakerState, createBreaker, type Permit } from "../../src/resilience/breaker.ts";
import { createTestClock } from "../_clock.ts";

const THRESHOLD = 3;
const RESET_MS = 1_000;
const PROBE_TIMEOUT_MS = 200;
const JITTER = 0.1;

type Step =
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "allow" }
  | { readonly do: "record"; readonly which: number; readonly ok: boolean }
  | { readonly do: "reset" };

/** Weighed so that breakers often open and get their probes, which the test checks at its end. */
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ do: fc.constant("allow" as const) }) },
  {
    weight: 30,
    arbitrary: fc.record({
      do: fc.constant("record" as const),
      // Mostly the latest permit; the others are late, recorded twice, or never.
      which: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, {
        weight: 1,
        arbitrary: fc.nat(20),
      }),
      ok: fc.integer({ min: 0, max: 9 }).map((roll) => roll < 2),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.oneof(fc.nat(60), fc.constantFrom(49, 50, 199, 200, 899, 900, 1_000, 1_100)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("reset" as const) }),
  },
);

const anyHistory = fc.array(anyStep, { minLength: 20, maxLength: 120, size: "max" });

/** A permit of the model: where in its history it was given, and in which era. */
interface Given {
  readonly at: number;
  readonly era: number;
  readonly probe: boolean;
}

type Happening =
  | { readonly what: "given" | "success" | "uncounted" }
  | { readonly what: "counted"; readonly timeMs: number }
  | { readonly what: "era"; readonly of: BreakerState; readonly untilMs: number };

/** Answers each question by reading the history backwards. */
class Model {
  readonly #history: Happening[] = [{ what: "era", of: "closed", untilMs: 0 }];

  get #era() {
    const at = this.#history.findLastIndex((happening) => happening.what === "era");
    const era = this.#history[at];
    assert(era.what === "era");
    return { at, ...era };
  }

  stateAt(nowMs: number): BreakerState {
    const { of, untilMs } = this.#era;
    return of === "open" && nowMs >= untilMs ? "half_open" : of;
  }

  waitAt(nowMs: number): number {
    const { of, untilMs } = this.#era;
    return of === "closed" ? 0 : Math.max(0, untilMs - nowMs);
  }

  allow(nowMs: number): Given | undefined {
    const { of, untilMs } = this.#era;
    if (of !== "closed" && nowMs < untilMs) return undefined;
    if (of !== "closed") this.#begin("half_open", nowMs + PROBE_TIMEOUT_MS);
    this.#history.push({ what: "given" });
    return { at: this.#history.length - 1, era: this.#era.at, probe: of !== "closed" };
  }

  record(given: Given, ok: boolean, nowMs: number, openMs: number): void {
    if (given.era !== this.#era.at) return;
    if (given.probe) return ok ? this.#begin("closed", 0) : this.#begin("open", nowMs + openMs);
    if (ok) return void this.#history.push({ what: "success" });
    if (this.#overlapped(given, nowMs)) return void this.#history.push({ what: "uncounted" });
    this.#history.push({ what: "counted", timeMs: nowMs });
    if (this.#inRow() >= THRESHOLD) this.#begin("open", nowMs + openMs);
  }

  reset(): void {
    this.#begin("closed", 0);
  }

  #begin(of: BreakerState, untilMs: number): void {
    this.#history.push({ what: "era", of, untilMs });
  }

  /** Whether a failure counted while this call was under way, less than 50 ms ago. */
  #overlapped({ at }: Given, nowMs: number): boolean {
    return this.#history.some((happening, index) =>
      index > at && happening.what === "counted" && nowMs - happening.timeMs < 50
    );
  }

  #inRow(): number {
    const from = this.#history.findLastIndex(({ what }) => what === "success" || what === "era");
    return this.#history.slice(from).filter(({ what }) => what === "counted").length;
  }
}

Deno.test("breaker agrees with its model in 2000 random histories", () => {
  const seen = { open: 0, probes: 0, refused: 0, closedByProbe: 0 };
  fc.assert(
    fc.property(
      anyHistory,
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (steps, random) => {
        const clock = createTestClock();
        const breaker = createBreaker({
          name: "model",
          threshold: THRESHOLD,
          resetMs: RESET_MS,
          jitter: JITTER,
          probeTimeoutMs: PROBE_TIMEOUT_MS,
          clock,
          random: () => random,
          onTransition(to, from) {
            if (to === "open") seen.open++;
            if (to === "closed" && from === "half_open") seen.closedByProbe++;
          },
        });
        const openMs = RESET_MS * (1 + JITTER * (2 * random - 1));
        const model = new Model();
        const permits: { real: Permit; given: Given }[] = [];
        for (const step of steps) {
          const nowMs = clock.monotonic();
          if (step.do === "wait") clock.turn(step.ms);
          if (step.do === "reset") [breaker.reset(), model.reset()];
          if (step.do === "allow") {
            const real = breaker.allow();
            const given = model.allow(nowMs);
            assertEquals(real?.probe, given?.probe);
            if (real && given) permits.push({ real, given });
            if (real?.probe) seen.probes++;
            if (!real) seen.refused++;
          }
          if (step.do === "record" && permits.length > 0) {
            const { real, given } = permits[permits.length - 1 - step.which % permits.length];
            breaker.record(real, step.ok);
            model.record(given, step.ok, nowMs, openMs);
          }
          assertEquals(breaker.state, model.stateAt(clock.monotonic()));
          assertEquals(breaker.retryAfterMs(), model.waitAt(clock.monotonic()));
        }
      },
    ),
    { numRuns: 2_000 },
  );
  assert(Object.values(seen).every((count) => count > 50), `too tame: ${JSON.stringify(seen)}`);
});

Deno.test("breaker is never stuck: whatever happened, it permits a call within the longest wait", () => {
  fc.assert(
    fc.property(anyHistory, (steps) => {
      const clock = createTestClock();
      const breaker = createBreaker({
        name: "stuck",
        threshold: THRESHOLD,
        resetMs: RESET_MS,
        probeTimeoutMs: PROBE_TIMEOUT_MS,
        clock,
      });
      const permits: Permit[] = [];
      for (const step of steps) {
        if (step.do === "wait") clock.turn(step.ms);
        if (step.do === "allow") permits.push(...[breaker.allow()].filter((permit) => !!permit));
        if (step.do === "record" && permits.length > 0) {
          breaker.record(permits[permits.length - 1 - step.which % permits.length], step.ok);
        }
      }
      clock.turn(RESET_MS * 1.1);
      const permit = breaker.allow();
      assert(permit, "no permit");
      breaker.record(permit, true);
      assertEquals(breaker.state, "closed");
    }),
    { numRuns: 500 },
  );
});
