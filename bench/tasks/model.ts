/**
 * What must hold, whatever happens: the ten lines a reader would write down, checked at every
 * commit and once more at the end. It shares no code with the room but the two functions that say
 * which rows and counters a record implies.
 */
import type { TaskRecord } from "../../src/kv/task_record.ts";
import { countsOf, rowsOf } from "../../src/tasks/rows.ts";
import { textOf, type VirtualStore, type Write } from "./virtual_kv.ts";

export type Plan = "succeeds" | "dies" | "poison";

interface Life {
  starts: number;
  /** Attempts that ended in an orderly way, by what the record says. */
  ended: number;
  /** Leases that lapsed, releases at a stop: each allows one more start. */
  lost: number;
  finishes: number;
  /** Times its isolate was killed or frozen while its handler was at work, by the truth. */
  disrupted: number;
}

/** Which status may follow which. */
const LEGAL: Readonly<Record<string, readonly string[]>> = {
  none: ["pending", "running"],
  pending: ["running"],
  running: ["running", "succeeded", "retrying", "pending", "dead"],
  retrying: ["running"],
  succeeded: [],
  dead: [],
  abandoned: [],
};

export class Model {
  readonly violations: string[] = [];
  readonly #planOf: (record: TaskRecord) => Plan;
  readonly #lives = new Map<string, Life>();
  /** Names of which only so many may run at once. */
  readonly #limits: Readonly<Record<string, number>>;
  readonly #running = new Map<string, string>();

  constructor(limits: Readonly<Record<string, number>>, planOf: (record: TaskRecord) => Plan) {
    this.#limits = limits;
    this.#planOf = planOf;
  }

  life(id: string): Life {
    let life = this.#lives.get(id);
    if (!life) {
      life = { starts: 0, ended: 0, lost: 0, finishes: 0, disrupted: 0 };
      this.#lives.set(id, life);
    }
    return life;
  }

  fail(text: string): void {
    this.violations.push(text);
  }

  onCommit = (write: Write, before: (key: Deno.KvKey) => unknown): void => {
    for (const { kind, key, value } of write.mutations) {
      if (key[0] !== "task") continue;
      if (kind !== "set") this.fail(`record ${String(key[1])} was not set but changed by ${kind}`);
      else this.#onRecord(before(key) as TaskRecord | null, value as TaskRecord);
    }
  };

  #onRecord(before: TaskRecord | null, after: TaskRecord): void {
    const { id } = after;
    const life = this.life(id);
    const from = before?.status ?? "none";
    if (!LEGAL[from].includes(after.status)) {
      this.fail(`${id} went from ${from} to ${after.status}`);
    }
    if (
      before?.status === "running" && after.status === "running" && before.token !== after.token
    ) {
      this.fail(`${id} changed hands while it ran`);
    }
    if (after.status === "succeeded" && ++life.finishes > 1) this.fail(`${id} finished twice`);
    if (before?.status === "running" && after.status !== "running") {
      const isNew = after.history.at(-1)?.token === before.token;
      if (isNew && after.history.at(-1)?.outcome !== "crashed") life.ended++;
      else life.lost++;
    }
    if (after.status === "running") this.#running.set(id, after.name);
    else this.#running.delete(id);
    const limit = this.#limits[after.name];
    if (limit === undefined) return;
    const count = [...this.#running.values()].filter((name) => name === after.name).length;
    if (count > limit) this.fail(`${count} of ${after.name} ran at once`);
  }

  /**
   * After everything has come to rest. `promised` are those whose enqueue answered; while KV was
   * `faultless`, only who was killed or frozen may have lost a task.
   */
  atEnd(store: VirtualStore, promised: ReadonlySet<string>, faultless: boolean): void {
    const records = store.list(["task"]).map(({ value }) => value as TaskRecord);
    const known = new Set(records.map(({ id }) => id));
    for (const id of promised) if (!known.has(id)) this.fail(`${id} was lost`);
    for (const record of records) this.#judge(record);
    for (const { id, history } of faultless ? records : []) {
      const crashes = history.filter(({ outcome }) => outcome === "crashed").length;
      if (crashes > this.life(id).disrupted) this.fail(`${id} was taken from a living isolate`);
    }
    this.#compareRows(store, records);
    this.#compareCounts(store, records);
  }

  #judge(record: TaskRecord): void {
    const { id, status, crashes, history } = record;
    const { starts, ended, lost, disrupted } = this.life(id);
    const plan = this.#planOf(record);
    const wanted = plan === "succeeds" ? "succeeded" : "dead";
    const isExcused = plan === "succeeds" && status === "dead" && disrupted >= crashes;
    if (status !== wanted && !(isExcused && crashes >= 3)) {
      this.fail(`${id} should have ${wanted} but is ${status} after ${crashes} crashes`);
    }
    const isPoisoned = history.at(-1)?.code === "POISON";
    if (plan === "poison" && !isPoisoned) this.fail(`${id} is poison and was not found out`);
    if (starts > ended + lost) {
      this.fail(`${id} started ${starts} times for ${ended} ends and ${lost} lost leases`);
    }
  }

  #compareRows(store: VirtualStore, records: readonly TaskRecord[]): void {
    const implied = records.flatMap((record) => rowsOf(record).map(({ key }) => textOf(key.parts)));
    const wanted = new Set(implied);
    for (const family of ["task_due", "task_lease", "task_slot", "task_dead"]) {
      for (const { key } of store.list([family])) {
        if (!wanted.delete(textOf(key))) this.fail(`row ${JSON.stringify(key)} has no record`);
      }
    }
    if (wanted.size > 0) this.fail(`${wanted.size} rows are missing`);
  }

  #compareCounts(store: VirtualStore, records: readonly TaskRecord[]): void {
    const scan = new Map<string, number>();
    for (const [kind, of] of records.flatMap(countsOf)) {
      scan.set(`${kind} ${of}`, (scan.get(`${kind} ${of}`) ?? 0) + 1);
    }
    for (const { key: [, kind, of], value } of store.list(["task_count"])) {
      const name = `${String(kind)} ${String(of)}`;
      if (kind !== "redrive" && Number(value) !== (scan.get(name) ?? 0)) {
        this.fail(`counter ${name} says ${value}, the scan ${scan.get(name) ?? 0}`);
      }
      scan.delete(name);
    }
    for (const name of scan.keys()) this.fail(`counter ${name} is missing`);
  }
}
