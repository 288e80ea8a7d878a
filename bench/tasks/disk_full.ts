/**
 * F12: a process whose files may grow no further (`ulimit -f`) enqueues until KV refuses, and looks
 * whether reads go on and whether any task is there in part.
 */
import { fileURLToPath } from "node:url";
import { KvUnavailableError } from "../../src/kv/failure.ts";
import { keys, prefixes } from "../../src/kv/keys.ts";
import { walk } from "../../src/tasks/counts.ts";
import { rowsOf } from "../../src/tasks/rows.ts";
import { withBed } from "./speed.ts";

export interface DiskFull {
  readonly accepted: number;
  readonly refused: number;
  /** Refusals that were no 503. */
  readonly otherErrors: number;
  readonly recordsWithoutRows: number;
  readonly acceptedMissing: number;
}

const ATTEMPTS = 3_000;
const REFUSALS = 20;

if (import.meta.main) {
  console.log(JSON.stringify(await fillTheDisk()));
  Deno.exit(0);
}

function fillTheDisk(): Promise<DiskFull> {
  return withBed({ doorbell: "off" }, async ({ kv, tasks, noop }) => {
    const accepted: string[] = [];
    let refused = 0;
    let otherErrors = 0;
    for (let n = 0; n < ATTEMPTS && refused < REFUSALS; n++) {
      try {
        const at = Date.now() + 3_600_000;
        accepted.push(
          (await tasks.enqueue(noop, { n }, { at, key: `${n} ${"x".repeat(150)}` })).id,
        );
      } catch (error) {
        refused++;
        if (!(error instanceof KvUnavailableError)) otherErrors++;
      }
    }
    let recordsWithoutRows = 0;
    const found = new Set<string>();
    for await (const { value } of walk(kv, prefixes.tasks(), 10_000)) {
      found.add(value.id);
      const rows = await kv.getMany(rowsOf(value).map(({ key }) => key));
      if (rows.some(({ versionstamp }) => versionstamp === null)) recordsWithoutRows++;
    }
    await kv.get(keys.deployment());
    const acceptedMissing = accepted.filter((id) => !found.has(id)).length;
    return { accepted: accepted.length, refused, otherErrors, recordsWithoutRows, acceptedMissing };
  });
}

/** Runs this file under a limit of 2 MB a file. */
export async function measureDiskFull(): Promise<DiskFull> {
  const script = fileURLToPath(import.meta.url);
  const command = `trap '' XFSZ; ulimit -f 4096; exec "$0" run -A --quiet --no-check "$1"`;
  const { stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", command, Deno.execPath(), script],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  try {
    return JSON.parse(text.decode(stdout));
  } catch {
    throw new Error(`The process with a full disk gave no figures: ${text.decode(stderr)}`);
  }
}
