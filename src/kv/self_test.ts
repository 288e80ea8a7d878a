/**
 * The check at start-up that KV keeps what it is given and is the one all isolates share, as far as
 * one write and one read can tell. It reports and warns; whether to go on is the caller's decision.
 */
import type { Log } from "../log.ts";
import { type Clock, MINUTE } from "../time.ts";
import { keys } from "./keys.ts";
import type { Kv } from "./kv.ts";
import { type KvKind, kvKind, type KvOptions } from "./open.ts";

export interface SelfTest {
  readonly kind: KvKind;
  /** Time of the write and the read together, in milliseconds. */
  readonly latencyMs: number;
  /** Whether what was written was read back. */
  readonly ok: boolean;
  /** A sentence for the operator; may be there although `ok`. */
  readonly problem?: string;
}

export interface SelfTestOptions extends Pick<KvOptions, "path" | "onDeploy"> {
  readonly kv: Pick<Kv, "get" | "commit">;
  readonly clock: Clock;
  readonly log: Log;
}

/** A backend counts 1 to 9 on with each write: below this, the self-test was the first one. */
const FIRST_VERSIONS = 10n;

/** Writes a nonce and reads it back. Never throws: a KV that is out is a finding, not a crash. */
export async function selfTestKv(options: SelfTestOptions): Promise<SelfTest> {
  const { kv, clock, log } = options;
  const kind = kvKind(options);
  const startedAt = clock.monotonic();
  const { ok, problem } = await probe(kv, kind, options.onDeploy ?? false);
  const latencyMs = clock.monotonic() - startedAt;
  const result: SelfTest = { kind, latencyMs, ok, ...(problem ? { problem } : {}) };
  log[problem ? "warn" : "info"]("kv.self_test", { ...result });
  return result;
}

async function probe(kv: SelfTestOptions["kv"], kind: KvKind, onDeploy: boolean) {
  const nonce = crypto.randomUUID();
  const key = keys.selfTest(nonce);
  try {
    const commit = await kv.commit((atomic) => atomic.set(key, nonce, { expireIn: MINUTE }));
    const { value } = await kv.get(key);
    if (!commit.ok || value !== nonce) {
      return { ok: false, problem: "KV does not give back what was just written to it." };
    }
    return { ok: true, problem: doubt(kind, onDeploy, versionOf(commit.versionstamp)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, problem: `KV does not answer: ${reason}.` };
  }
}

/** The first 16 of a versionstamp's 20 hex digits count the database's writes. */
const versionOf = (versionstamp: string) => BigInt(`0x${versionstamp.slice(0, 16)}`);

function doubt(kind: KvKind, onDeploy: boolean, version: bigint): string | undefined {
  if (kind === "memory") {
    return "KV_PATH=:memory: keeps everything in this one process: limits, tasks and sessions " +
      "end with it, and no other isolate sees them.";
  }
  // Older runtimes fall back to an isolate's own database without a word when none is attached.
  if (onDeploy && version < FIRST_VERSIONS) {
    return "This KV database has never been written before. That is right at the very first " +
      "start; at any other, no database is attached and each isolate keeps its own.";
  }
  return undefined;
}
