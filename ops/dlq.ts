/**
 * `deno task dlq list|show|retry|delete|clear|stats`: the dead letters from a shell beside the
 * server, for when nobody can sign in. Prints JSON, one row a line.
 */
import { createAuditLog } from "../src/auth/audit.ts";
import { ConfigError, environment, parseConfig } from "../src/config.ts";
import { AppError } from "../src/errors/app_error.ts";
import { loadDeployment } from "../src/kv/deployment.ts";
import { openKv } from "../src/kv/open.ts";
import { createLog } from "../src/log.ts";
import { createMetrics } from "../src/metrics/catalog.ts";
import type { DeadLetters } from "../src/tasks/dead_letters.ts";
import { createTasks } from "../src/tasks/tasks.ts";
import { systemClock } from "../src/time.ts";

const USAGE = `Usage: deno task dlq COMMAND
  list [--status=dead|abandoned|retrying] [--name=TASK] [--limit=25] [--cursor=…]
  show ID
  retry ID [--force]
  delete ID
  clear [--status=dead|abandoned] [--name=TASK] [--older-than-hours=168] [--confirm]
  stats`;
const EXIT_WRONG = 1;
const EXIT_USAGE = 2;

const [command = "", ...rest] = Deno.args;
const words = rest.filter((word) => !word.startsWith("--"));
const flags = new Map(rest.filter((word) => word.startsWith("--")).map(readFlag));

try {
  await run();
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof AppError)) throw error;
  say(error.message);
  Deno.exit(EXIT_WRONG);
}

async function run(): Promise<void> {
  const { KV_PATH: path } = parseConfig(environment());
  const clock = systemClock;
  const log = createLog({ level: "warn", clock });
  const cursorKey = async () => (await loadDeployment(kv)).cursorKey;
  const kv = await openKv({ path, clock, log, cursorKey });
  const auditLog = createAuditLog({ kv, clock });
  const { deadLetters } = createTasks({
    kv,
    clock,
    log,
    metrics: createMetrics(),
    definitions: [],
    doorbell: "off",
    audit: (atomic, entry, by) => auditLog.entry({ ...entry, by }).join(atomic),
  });
  await obey(deadLetters);
  kv.close();
  // The queue's own bell would keep the process waiting.
  Deno.exit(0);
}

async function obey(deadLetters: DeadLetters): Promise<void> {
  const [id] = words;
  const by = { id: "cli", requestId: crypto.randomUUID() };
  const status = oneOf(["dead", "abandoned", "retrying"] as const);
  if (command === "list") {
    const limit = Number(flags.get("limit") ?? "25");
    const name = flags.get("name");
    const page = await deadLetters.list({ status, name, limit, cursor: flags.get("cursor") });
    for (const item of page.items) say(JSON.stringify(item));
    if (page.next_cursor) say(`More: --cursor=${page.next_cursor}`);
  } else if (command === "stats") say(JSON.stringify(await deadLetters.stats(), null, 2));
  else if (command === "clear") {
    const hours = flags.get("older-than-hours");
    const cleared = await deadLetters.clear({
      status: status === "retrying" ? undefined : status,
      name: flags.get("name"),
      older_than_hours: hours === undefined ? undefined : Number(hours),
      confirm: flags.has("confirm"),
    }, by);
    say(JSON.stringify(cleared));
  } else if (command === "show" && id) say(JSON.stringify(await deadLetters.show(id), null, 2));
  else if (command === "retry" && id) {
    say(JSON.stringify(await deadLetters.retry(id, { force: flags.has("force") }, by)));
  } else if (command === "delete" && id) say(JSON.stringify(await deadLetters.delete(id, by)));
  else {
    say(USAGE);
    Deno.exit(EXIT_USAGE);
  }
}

function oneOf<const Value extends string>(values: readonly Value[]): Value | undefined {
  return values.find((value) => value === flags.get("status"));
}

function readFlag(word: string): [name: string, value: string] {
  const [, name, value = ""] = /^--([\w-]+)(?:=(.*))?$/.exec(word) ?? [];
  return [name, value];
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
