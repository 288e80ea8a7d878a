/** Sending a dead letter out again: who may be, who only by force, and who not at all. */
import { AppError } from "../errors/app_error.ts";
import type { TaskRecord } from "../kv/task_record.ts";
import { DAY } from "../time.ts";
import { type Actor, type Audit, type ChangeDeps, changeTask } from "./change_task.ts";
import type { Task } from "./define.ts";
import { readPayload } from "./payload.ts";
import { reasonOf, redrive } from "./transitions.ts";

export interface RedriveDeps extends ChangeDeps {
  readonly taskOf: (name: string) => Task<unknown> | undefined;
  readonly audit: Audit;
  readonly onWaiting: (at: number, id: string) => void;
}

export interface RedriveOptions {
  /** Also what was given up, what was sent out 3 times already, and what cannot succeed unchanged. */
  readonly force?: boolean;
  /** At most a day. */
  readonly delayMs?: number;
}

export interface Redriven {
  readonly id: string;
  readonly status: "retrying";
  readonly run_at: string;
}

const REDRIVES_WITHOUT_FORCE = 3;
/** What was wrong with the payload or the rights is as wrong tomorrow. */
const HOPELESS = new Set(["VALIDATION", "AUTHENTICATION"]);

/** Why it is not sent out again without force, as sentences. */
export function blockersOf(record: TaskRecord): string[] {
  const { status, redrives = [] } = record;
  const reason = reasonOf(record);
  const blockers: string[] = [];
  if (status === "abandoned") blockers.push("It was given up");
  if (redrives.length >= REDRIVES_WITHOUT_FORCE) {
    blockers.push(`It was sent out again ${redrives.length} times already`);
  }
  if (reason?.category && HOPELESS.has(reason.category)) {
    blockers.push(`It failed with ${reason.category}, which does not pass by itself`);
  }
  if (reason?.code === "POISON") blockers.push("The processes that ran it disappeared");
  return blockers;
}

/** Throws `TASK_RUNNING`, `TASK_NOT_RETRYABLE`, `TASK_PAYLOAD_OUTDATED`, `NOT_FOUND`. */
export async function redriveTask(
  deps: RedriveDeps,
  id: string,
  { force = false, delayMs = 0 }: RedriveOptions,
  actor: Actor,
): Promise<Redriven> {
  const waitMs = Math.min(Math.max(0, Math.round(delayMs)), DAY);
  const after = await changeTask(
    deps,
    id,
    async (record) => {
      if (record.status !== "dead" && record.status !== "abandoned") throw notDead(record);
      const [blocker] = blockersOf(record);
      if (blocker && !force) throw new AppError("TASK_NOT_RETRYABLE", { detail: `${blocker}.` });
      const version = await versionFor(deps, record);
      const again = redrive(actor.id, force, waitMs);
      return (dead, mark) => ({ ...again(dead, mark), version });
    },
    (atomic) => deps.audit(atomic, { action: "task.retry", target: id, details: { force } }, actor),
  );
  deps.onWaiting(after.at, id);
  return { id, status: "retrying", run_at: new Date(after.at).toISOString() };
}

function notDead({ status }: TaskRecord): AppError {
  const detail = `It is ${status}.`;
  return new AppError(status === "succeeded" ? "TASK_NOT_RETRYABLE" : "TASK_RUNNING", { detail });
}

/** The schema of today, when it takes the payload. */
async function versionFor({ kv, taskOf }: RedriveDeps, record: TaskRecord): Promise<number> {
  const task = taskOf(record.name);
  if (!task) {
    const detail = `This version of the app has no task called "${record.name}".`;
    throw new AppError("TASK_PAYLOAD_OUTDATED", { detail });
  }
  const payload = await readPayload(kv, record).catch(() => undefined);
  if (!task.accepts(payload)) throw new AppError("TASK_PAYLOAD_OUTDATED");
  return task.version;
}
