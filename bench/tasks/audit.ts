/** What the records, the indexes, the counters and the workers' own logs say after a fleet run. */
import { prefixes } from "../../src/kv/keys.ts";
import type { Kv } from "../../src/kv/kv.ts";
import type { TaskRecord } from "../../src/kv/task_record.ts";
import { findDrift, walk } from "../../src/tasks/counts.ts";
import { BANDS, SUSPECT_BAND } from "../../src/tasks/rows.ts";
import { DYING, type FleetKind } from "./plan.ts";

export interface Audit {
  readonly tasks: number;
  readonly lost: number;
  readonly healthyDead: number;
  /** Successes that a record accepted after its first. */
  readonly finishedTwice: number;
  readonly deadLetters: number;
  readonly deadLettersExpected: number;
  readonly deadLettersWrong: number;
  readonly starts: number;
  /** Starts beyond the attempts that ended in an orderly way. */
  readonly extraStarts: number;
  /** Leases that lapsed, as the records tell. */
  readonly lapsedLeases: number;
  /** Extra starts that no lapsed lease of the same task explains, and no release at a stop. */
  readonly unexplained: number;
  readonly effectsTwice: number;
  readonly fenced: number;
  /** Attempts that a stop gave back. */
  readonly released: number;
  /** Starts by name in each process's own log. */
  readonly namesByLog: readonly (readonly string[])[];
  readonly childrenWrong: number;
  readonly rowsLeft: number;
  readonly driftingCounters: number;
}

interface Logged {
  readonly starts: ReadonlyMap<string, number>;
  readonly ends: ReadonlyMap<string, number>;
  readonly fenced: number;
  readonly released: number;
  readonly namesByLog: readonly string[][];
}

export async function readLogs(folder: string): Promise<Logged> {
  const starts = new Map<string, number>();
  const ends = new Map<string, number>();
  const namesByLog: string[][] = [];
  let fenced = 0;
  let released = 0;
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".log")) continue;
    const names = new Set<string>();
    for (const line of (await Deno.readTextFile(`${folder}/${name}`)).split("\n")) {
      const [what, id, task] = line.split(" ");
      if (what === "S") {
        starts.set(id, (starts.get(id) ?? 0) + 1);
        names.add(task);
      }
      if (what === "E") ends.set(id, (ends.get(id) ?? 0) + 1);
      if (what === "X") fenced++;
      if (what === "L") released++;
    }
    namesByLog.push([...names]);
  }
  return { starts, ends, fenced, released, namesByLog };
}

const kindOf = ({ payload }: TaskRecord): FleetKind => JSON.parse(payload ?? "{}").kind;

export async function audit(kv: Kv, folder: string, promised: readonly string[]): Promise<Audit> {
  const { starts, ends, fenced, released, namesByLog } = await readLogs(folder);
  const records = new Map<string, TaskRecord>();
  for await (const { value } of walk(kv, prefixes.tasks(), 1_000_000)) {
    if (value.name.startsWith("fleet.")) records.set(value.id, value);
  }
  const all = [...records.values()];
  const isDone = ({ status }: TaskRecord) => status === "succeeded" || status === "dead";
  const dead = all.filter(({ status }) => status === "dead");
  const expected = all.filter((record) => DYING.has(kindOf(record)));
  const of = (record: TaskRecord, outcome: string) =>
    record.history.filter((attempt) => attempt.outcome === outcome).length;
  const extra = all.map((record) => {
    const orderly = of(record, "failed") + of(record, "succeeded");
    return {
      extra: Math.max(0, (starts.get(record.id) ?? 0) - orderly),
      lapsed: of(record, "crashed"),
    };
  });
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
  const parents = all.filter((record) => kindOf(record) === "parent").length;
  const children = all.filter(({ key }) => key?.startsWith("child of ")).length;
  return {
    tasks: all.length,
    lost: promised.filter((id) => !isDone(records.get(id) ?? { status: "pending" } as TaskRecord))
      .length,
    healthyDead: dead.filter((record) => !DYING.has(kindOf(record))).length,
    finishedTwice: all.filter((record) => of(record, "succeeded") > 1).length,
    deadLetters: dead.length,
    deadLettersExpected: expected.length,
    deadLettersWrong: expected.filter(({ status }) => status !== "dead").length,
    starts: sum([...starts.values()]),
    extraStarts: sum(extra.map((one) => one.extra)),
    lapsedLeases: sum(extra.map((one) => one.lapsed)),
    unexplained: Math.max(
      0,
      sum(extra.map((one) => Math.max(0, one.extra - one.lapsed))) - released,
    ),
    effectsTwice: sum([...ends.values()].map((count) => count - 1)),
    fenced,
    released,
    namesByLog,
    childrenWrong: Math.abs(parents - children),
    rowsLeft: await countRows(kv),
    driftingCounters: (await findDrift(kv)).length,
  };
}

/** Rows of the due and lease indexes. */
export async function countRows(kv: Kv): Promise<number> {
  let rows = 0;
  const bands = [...Object.values(BANDS), SUSPECT_BAND].map((band) => prefixes.tasksDue(band));
  for (const prefix of [...bands, prefixes.taskLeases()]) {
    for await (const _ of walk<unknown>(kv, prefix, 1_000_000)) rows++;
  }
  return rows;
}

/** What must be 0 after any run, and is not. */
export function faultsOf(result: Audit): string[] {
  const zero = [
    "lost",
    "healthyDead",
    "finishedTwice",
    "deadLettersWrong",
    "unexplained",
    "childrenWrong",
    "rowsLeft",
    "driftingCounters",
  ] as const;
  return zero.filter((name) => result[name] !== 0).map((name) => `${name} ${result[name]}`);
}
