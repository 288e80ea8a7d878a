/** Isolates that share one KV and one clock, each with its own blocks. */
import { assertRejects } from "@std/assert";
import { type Blocks, type BlocksOptions, createBlocks } from "../../src/blocks/blocks.ts";
import { AppError } from "../../src/errors/app_error.ts";
import { canonicalRange, createRangeSet } from "../../src/ip/range_set.ts";
import { openKv } from "../../src/kv/open.ts";
import { silentLog } from "../../src/log.ts";
import { createTestClock, type TestClock } from "../_clock.ts";
import { createFaultKv, type FaultKv } from "../_fault_kv.ts";

export const ADMIN = { id: "acc_1", requestId: "r-1" };
export const CLIENT = clientOf("203.0.113.9");

/** Deserves a block by itself. */
export const STRIKES = { payload: 0.95, risk: 0.95, distinctPayloads: 2, corroborated: false };

export const RULE = { seconds: 3_600, secondsMax: 86_400, strikes: 2 };

/** What blocks need besides KV and a clock. */
export const BASE = {
  log: silentLog,
  ranges: { canonical: canonicalRange, build: createRangeSet },
  record() {},
  ...RULE,
};

export function clientOf(ip: string, subject = ip) {
  return { ip, subject };
}

export interface BlocksBed extends AsyncDisposable {
  readonly clock: TestClock;
  readonly blocks: Blocks;
  readonly raw: FaultKv;
  readonly others: readonly { readonly blocks: Blocks; readonly raw: FaultKv }[];
  /** Audit entries, `action target`. */
  readonly audit: string[];
  /** Targets of blocks made. */
  readonly made: string[];
  keys(): Promise<number>;
}

export async function createBlocksBed(
  { count = 1, ...options }: Partial<BlocksOptions> & { count?: number } = {},
): Promise<BlocksBed> {
  const over = await Deno.openKv(":memory:");
  const clock = createTestClock();
  const audit: string[] = [];
  const made: string[] = [];
  const isolates = await Promise.all(Array.from({ length: count }, async (_, seed) => {
    const raw = await createFaultKv({ over, seed });
    const kv = await openKv({ path: ":memory:", raw, clock, log: silentLog, deadlineMs: 5_000 });
    const blocks = createBlocks({
      kv,
      clock,
      ...BASE,
      record: (_atomic, { action, target }, by) => audit.push(`${action} ${target} ${by.id}`),
      onBlock: ({ target }) => made.push(target),
      ...options,
    });
    return { blocks, raw };
  }));
  const [{ blocks, raw }, ...others] = isolates;
  return {
    clock,
    blocks,
    raw,
    others,
    audit,
    made,
    keys: async () => (await Array.fromAsync(over.list({ prefix: [] }))).length,
    async [Symbol.asyncDispose]() {
      for (const { blocks, raw } of isolates) {
        await blocks.stop();
        raw.close();
      }
      over.close();
    },
  };
}

/** The `AppError` that it throws. */
export async function refusalOf(act: () => Promise<unknown>): Promise<AppError> {
  const error = await assertRejects(act);
  if (error instanceof AppError) return error;
  throw error;
}
