/**
 * Opening KV: a file (its folder is made), `:memory:`, the URL of a KV Connect server, or what Deno
 * Deploy attached. The only place that touches `Deno.openKv`; everyone else gets the guarded `Kv`.
 */
import { ConfigError } from "../config.ts";
import type { Log } from "../log.ts";
import { type Clock, SECOND } from "../time.ts";
import { createCommit, createCommitSure } from "./commit.ts";
import { createCursors, type CursorKey } from "./cursors.ts";
import { createDeadlines } from "./deadline.ts";
import { createGuard, type KvBreaker, type KvCall } from "./guard.ts";
import type { Kv } from "./kv.ts";
import { createPages } from "./pages.ts";
import type { RawKv } from "./raw.ts";
import { createQueue } from "./queue.ts";
import { createRead } from "./read.ts";

/** `memory` dies with the process, `file` is shared on one machine, `remote` by the whole fleet. */
export type KvKind = "memory" | "file" | "remote";

export interface KvOptions {
  /** `KV_PATH`: a file, `:memory:`, or an http(s) URL. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly breaker?: KvBreaker;
  /** One deadline for all calls in place of the observed ones, in milliseconds. */
  readonly deadlineMs?: number;
  /** What signs page cursors. Without it they end with this process, and only it accepts them. */
  readonly cursorKey?: CursorKey;
  /** Whether this is Deno Deploy: then a file would be one isolate's own, so its KV is taken. */
  readonly onDeploy?: boolean;
  /** Called after each call, for metrics. Must not throw. */
  readonly onCall?: (call: KvCall) => void;
  /** 0 (included) to 1 (excluded); spreads retries. */
  readonly random?: () => number;
  /** How long opening may take, in milliseconds; 10 s when absent. */
  readonly openMs?: number;
  /** An open KV to wrap instead of opening `path`; closed by `close()` all the same. */
  readonly raw?: RawKv;
}

export function kvKind({ path, onDeploy }: Pick<KvOptions, "path" | "onDeploy">): KvKind {
  if (path === ":memory:") return "memory";
  return onDeploy || isUrl(path) ? "remote" : "file";
}

/** Opens and wraps KV. Throws `ConfigError` that names `KV_PATH` when it cannot be opened. */
export async function openKv(options: KvOptions): Promise<Kv> {
  return wrapKv(options.raw ?? await openRaw(options), options);
}

function wrapKv(raw: RawKv, options: KvOptions): Kv {
  const { clock, log, breaker, onCall, deadlineMs, random = Math.random } = options;
  const { cursorKey = crypto.getRandomValues(new Uint8Array(32)) } = options;
  const deadlines = createDeadlines(clock, deadlineMs);
  const guard = createGuard({ clock, log, deadlines, breaker, onCall });
  const commit = createCommit({ raw, guard, clock, random });
  let open = true;
  return {
    ...createRead(raw, guard),
    ...createPages(raw, guard, createCursors(cursorKey)),
    ...createQueue(raw, guard, log),
    commit,
    commitSure: createCommitSure(commit, random),
    close() {
      if (!open) return;
      open = false;
      guard.close();
      raw.close();
    },
  };
}

const isUrl = (path: string) => /^https?:\/\//i.test(path);

/** A server that accepts the connection and says nothing must not hold up the start for ever. */
const OPEN_MAX_MS = 10 * SECOND;

async function openRaw(
  { path, onDeploy = false, openMs = OPEN_MAX_MS }: KvOptions,
): Promise<Deno.Kv> {
  const kind = kvKind({ path, onDeploy });
  try {
    if (typeof Deno.openKv !== "function") throw new Error("this runtime has no KV");
    if (kind === "file") await makeFolder(path);
    const platforms = onDeploy && kind === "remote" && !isUrl(path);
    return await inTime(Deno.openKv(platforms ? undefined : path), openMs);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(explain(kind, path, onDeploy, reason), { cause: error });
  }
}

async function makeFolder(path: string): Promise<void> {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  if (end > 0) await Deno.mkdir(path.slice(0, end), { recursive: true });
}

/** The handle, or an error when it takes too long; one that comes later is closed. */
function inTime(opening: Promise<Deno.Kv>, openMs: number): Promise<Deno.Kv> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reject(new Error(`no answer within ${openMs / SECOND} s`));
    }, openMs);
    opening.then((raw) => late ? raw.close() : resolve(raw), reject)
      .finally(() => clearTimeout(timer));
  });
}

/** What to do about it, in one sentence after the reason. */
function explain(kind: KvKind, path: string, onDeploy: boolean, reason: string): string {
  if (onDeploy && !isUrl(path)) {
    return "Deno Deploy gives this app no KV database, and nothing here is kept without one: " +
      "attach one with `deno deploy database provision NAME --kind denokv` and " +
      `\`deno deploy database assign NAME --app APP\`, then deploy again (${reason}).`;
  }
  const shown = shownPath(path);
  const advice = kind === "remote"
    ? "It must be the URL of a KV Connect server that runs, with its access token in " +
      "DENO_KV_ACCESS_TOKEN."
    : "It must be a file this process may read and write, in a folder it may make; `:memory:` " +
      "needs none but forgets everything at the end.";
  return `KV_PATH=${shown} cannot be opened: ${reason.replaceAll(path, shown)}. ${advice}`;
}

/** A URL without what may be secret in it. */
function shownPath(path: string): string {
  if (!URL.canParse(path) || !isUrl(path)) return path;
  const { origin, pathname } = new URL(path);
  return origin + pathname;
}
