/**
 * A whole fleet in virtual time, drawn from one seed: isolates with clocks that differ, tasks of
 * every kind, a KV that fails at any call, kills and freezes at any moment. The same seed gives the
 * same run, so a failing one can be looked at step by step.
 */
import { z } from "zod";
import type { TaskRecord } from "../../src/kv/task_record.ts";
import { silentLog } from "../../src/log.ts";
import { sleep, type Timers } from "../../src/resilience/timers.ts";
import { defineTask } from "../../src/tasks/define.ts";
import { createTasks, type Tasks } from "../../src/tasks/tasks.ts";
import { PermanentError, SnoozeError } from "../../src/tasks/verdicts.ts";
import { seeded, VirtualTime } from "../simulate/kernel.ts";
import { Model, type Plan } from "./model.ts";
import {
  type Damage,
  type Isolate,
  isolateTimers,
  type LineFaults,
  virtualKv,
  VirtualStore,
} from "./virtual_kv.ts";

export interface SimulationResult {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly tasks: number;
  readonly starts: number;
  readonly lostLeases: number;
  readonly kills: number;
  readonly virtualSeconds: number;
}

const LEASE_MS = 3_000;
const ISOLATES = 3;
const TASKS = 14;
const CRON_MS = 6_000;
const END_MS = 600_000;
const NO_FAULTS: LineFaults = { before: 0, after: 0, late: 0, reads: 0 };

const KINDS = [
  "plain",
  "plain",
  "plain",
  "long",
  "flaky",
  "failing",
  "permanent",
  "poison",
  "narrow",
  "paced",
  "snoozing",
  "stuck",
] as const;
type Kind = typeof KINDS[number];

const PLANS: Readonly<Partial<Record<Kind, Plan>>> = {
  failing: "dies",
  permanent: "dies",
  stuck: "dies",
  poison: "poison",
};

const planOf = (record: TaskRecord): Plan =>
  PLANS[JSON.parse(record.payload ?? "{}").kind as Kind] ?? "succeeds";

const METRICS = { taskOutcomes: { add() {} }, watch() {} };
const payload = z.object({ kind: z.enum(KINDS), ms: z.number() });

interface Member extends Isolate {
  readonly tasks: Tasks;
  /** Handlers at work here, by task. */
  readonly active: Set<string>;
  /** The first id it drew. */
  workerId?: string;
}

/** `damage` breaks the store, to see whether the model notices. */
export async function simulate(seed: number, damage: Damage = {}): Promise<SimulationResult> {
  return await new Fleet(seed, damage).run();
}

class Fleet {
  readonly #seed: number;
  readonly #random: () => number;
  readonly #time = new VirtualTime();
  readonly #store: VirtualStore;
  readonly #model = new Model({ narrow: 2 }, planOf);
  readonly #members: Member[] = [];
  readonly #promised = new Set<string>();
  /** Attempts that a kill or a freeze has met. */
  readonly #noted = new Set<string>();
  readonly #faults: LineFaults;
  readonly #isCronOnly: boolean;
  #isCalm = false;
  #ids = 0;
  #kills = 0;

  constructor(seed: number, damage: Damage) {
    this.#seed = seed;
    this.#store = new VirtualStore(damage);
    this.#random = seeded(seed);
    this.#isCronOnly = seed % 4 === 3;
    const share = () => this.#random() < 0.5 ? 0 : this.#random() * 0.1;
    this.#faults = { before: share(), after: share(), late: share() / 2, reads: share() };
    this.#store.onCommit = this.#model.onCommit;
  }

  async run(): Promise<SimulationResult> {
    const startMs = this.#time.nowMs;
    for (let n = 0; n < ISOLATES; n++) this.#launch();
    for (let n = 0; n < TASKS; n++) this.#time.after(this.#random() * 4_000, () => this.#enqueue());
    const disruptions = Math.floor(this.#random() * 4);
    for (let n = 0; n < disruptions; n++) {
      this.#time.after(500 + this.#random() * 12_000, () => this.#disrupt());
    }
    this.#time.after(20_000, () => this.#isCalm = true);
    this.#watchEnd(startMs);
    await this.#time.run();
    const { before, after, late, reads } = this.#faults;
    this.#model.atEnd(this.#store, this.#promised, before + after + late + reads === 0);
    return this.#result(startMs);
  }

  #launch(): void {
    const isolate: Isolate & { workerId?: string } = { isDead: false, frozenUntilMs: 0 };
    const skewMs = (this.#random() - 0.5) * 4 * LEASE_MS;
    const active = new Set<string>();
    const timers = isolateTimers(this.#time, isolate);
    const tasks = createTasks({
      kv: virtualKv({
        time: this.#time,
        store: this.#store,
        isolate,
        random: this.#random,
        faults: () => this.#isCalm ? NO_FAULTS : this.#faults,
      }),
      clock: this.#time.clock(skewMs),
      timers,
      log: silentLog,
      metrics: METRICS,
      random: this.#random,
      newId: () => {
        const id = `i${++this.#ids}`;
        isolate.workerId ??= id;
        return id;
      },
      leaseMs: LEASE_MS,
      concurrency: 4,
      poll: { minMs: 500, maxMs: 2_000 },
      doorbell: "off",
      definitions: this.#definitions(() => member),
    });
    const member: Member = Object.assign(isolate, { tasks, active });
    this.#members.push(member);
    if (this.#isCronOnly) this.#tickLater(member, timers);
    else tasks.start();
  }

  /** In a quarter of the seeds nothing rings but the cron, in every isolate, and not in step. */
  #tickLater(member: Member, timers: Timers): void {
    timers.after(CRON_MS * (0.8 + 0.4 * this.#random()), () => {
      member.tasks.tick(CRON_MS * 0.75).finally(() => this.#tickLater(member, timers));
    });
  }

  #definitions(memberOf: () => Member) {
    const timers = () => isolateTimers(this.#time, memberOf());
    const retry = { attempts: 3, baseMs: 200, capMs: 2_000 };
    const define = (name: string, more: object = {}) =>
      defineTask({
        name,
        schema: payload,
        retry,
        timeoutMs: 4 * LEASE_MS,
        ...more,
        run: async ({ kind, ms }, context) => {
          const member = memberOf();
          this.#begin(member, context.id);
          try {
            if (kind === "poison") this.#time.after(ms, () => this.#kill(member));
            if (kind === "stuck") await new Promise(() => {});
            await sleep(timers(), kind === "long" ? ms * 20 : ms);
            if (kind === "long") await context.progress(50, { at: ms });
            if (kind === "poison") await new Promise(() => {});
            if (kind === "failing" || kind === "flaky" && context.attempt < 3) {
              throw new Error("failed as planned");
            }
            if (kind === "permanent") throw new PermanentError("never");
            if (kind === "snoozing" && this.#random() < 0.4) throw new SnoozeError(300);
          } finally {
            member.active.delete(context.id);
          }
        },
      });
    return [
      define("plain"),
      define("stuck", { timeoutMs: 800 }),
      define("narrow", { concurrency: 2 }),
      define("paced", { rate: { count: 2, perMs: 1_000 } }),
    ];
  }

  #begin(member: Member, id: string): void {
    this.#model.life(id).starts++;
    const held = (other: string) => {
      const record = this.#recordOf(other);
      return record?.status === "running" && record.worker === member.workerId ? [record] : [];
    };
    // A handler whose task was lost may still be at work, but no crash is laid at its door.
    const records = [...new Set([id, ...member.active])].flatMap(held);
    if (records.length > 1 && records.some(({ suspect }) => suspect)) {
      this.#model.fail(`${records.map((one) => one.id)} at once with a suspect among them`);
    }
    member.active.add(id);
  }

  #recordOf(id: string): TaskRecord | null {
    return this.#store.get(["task", id]).value as TaskRecord | null;
  }

  #anyMember(): Member | undefined {
    const { nowMs } = this.#time;
    const living = this.#members.filter((one) => !one.isDead && one.frozenUntilMs <= nowMs);
    return living.at(Math.floor(this.#random() * living.length));
  }

  #enqueue(): void {
    const member = this.#anyMember();
    if (!member) return;
    const kind = KINDS[Math.floor(this.#random() * KINDS.length)];
    const { tasks } = member;
    const name = ["narrow", "paced", "stuck"].includes(kind) ? kind : "plain";
    const task = this.#definitions(() => member).find((one) => one.name === name)!;
    const delayMs = this.#random() < 0.3 ? this.#random() * 2_000 : 0;
    const key = this.#random() < 0.2 ? "shared" : undefined;
    const input = { kind, ms: Math.round(this.#random() * 300) };
    // Who got no answer does not know; who got one was promised something.
    tasks.enqueue(task, input, { delayMs, key }).then(
      ({ id }) => this.#promised.add(id),
      () => {},
    );
  }

  #disrupt(): void {
    const member = this.#anyMember();
    if (!member) return;
    const chance = this.#random();
    if (chance < 0.5) return this.#kill(member);
    if (chance < 0.65) return this.#stop(member);
    this.#noteDisrupted(member);
    member.frozenUntilMs = this.#time.nowMs + LEASE_MS * (0.5 + 1.5 * this.#random());
  }

  /** Tasks it holds, or has just claimed: the commit may be under way. */
  #noteDisrupted(member: Member): void {
    const note = () => {
      for (const { value } of this.#store.list(["task"])) {
        const { id, status, worker, token = "" } = value as TaskRecord;
        const attempt = `${id} ${token}`;
        if (status !== "running" || worker !== member.workerId || this.#noted.has(attempt)) {
          continue;
        }
        this.#noted.add(attempt);
        this.#model.life(id).disrupted++;
      }
    };
    note();
    this.#time.after(100, note);
  }

  #kill(member: Member): void {
    if (member.isDead) return;
    member.isDead = true;
    this.#kills++;
    this.#noteDisrupted(member);
    this.#time.after(200 + 1_000 * this.#random(), () => this.#launch());
  }

  /** A deploy: the isolate gives back what it has not done, and another one comes. */
  #stop(member: Member): void {
    const graceMs = this.#random() < 0.5 ? 0 : 500;
    member.tasks.stop(graceMs).finally(() => member.isDead = true);
    this.#time.after(500, () => this.#launch());
  }

  /** Looks once a second whether all is at rest, and then takes the fleet away. */
  #watchEnd(startMs: number): void {
    const look = () => {
      const open = this.#store.list(["task_due"]).length + this.#store.list(["task_lease"]).length;
      const isOver = this.#isCalm && open === 0;
      const isLate = this.#time.nowMs - startMs > END_MS;
      if (isLate) this.#model.fail(`${open} tasks did not come to an end`);
      if (isOver || isLate) { for (const member of this.#members) member.isDead = true; }
      else this.#time.after(1_000, look);
    };
    this.#time.after(1_000, look);
  }

  #result(startMs: number): SimulationResult {
    const ids = this.#store.list(["task"]).map(({ key }) => String(key[1]));
    const lives = ids.map((id) => this.#model.life(id));
    return {
      seed: this.#seed,
      violations: this.#model.violations,
      tasks: ids.length,
      starts: lives.reduce((sum, { starts }) => sum + starts, 0),
      lostLeases: lives.reduce((sum, { lost }) => sum + lost, 0),
      kills: this.#kills,
      virtualSeconds: (this.#time.nowMs - startMs) / 1_000,
    };
  }
}
