/** Limiters on one KV in virtual time, for tests that play a script of requests. */
import { VirtualTime } from "../../bench/simulate/kernel.ts";
import { seeded } from "../../bench/simulate/kernel.ts";
import { VirtualKv } from "../../bench/simulate/virtual_kv.ts";
import {
  createLeaseLimiter,
  type LeaseLimit,
  type LeaseLimiter,
  type LeaseLimiterOptions,
} from "../../src/limits/lease_limiter.ts";
import { MINUTE } from "../../src/time.ts";

export interface Bed {
  readonly time: VirtualTime;
  readonly kv: VirtualKv;
  readonly limiters: readonly LeaseLimiter[];
  readonly limiter: LeaseLimiter;
  /** Runs a script, and virtual time until it is through. */
  play<Result>(script: () => Promise<Result>): Promise<Result>;
}

export interface BedOptions extends Partial<LeaseLimiterOptions> {
  readonly count?: number;
  readonly rttMs?: number;
  readonly seed?: number;
}

export function createBed({ count = 1, rttMs = 20, seed = 1, ...options }: BedOptions = {}): Bed {
  const random = seeded(seed);
  const time = new VirtualTime();
  const kv = new VirtualKv(time, random);
  const limiters = Array.from({ length: count }, () =>
    createLeaseLimiter({
      store: kv.line({ rttMs }),
      clock: time.clock(),
      isolates: () => count,
      random,
      ...options,
    }));
  return {
    time,
    kv,
    limiters,
    limiter: limiters[0],
    async play(script) {
      const through = script();
      // A failure is for whoever awaits the script; here it would be one nobody handles.
      through.catch(() => {});
      await time.run();
      return await through;
    },
  };
}

export function limitOf(quota: number, options: Partial<LeaseLimit> = {}): LeaseLimit {
  return { name: `test ${quota}`, quota, windowMs: MINUTE, strict: false, ...options };
}
