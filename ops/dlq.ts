/**
 * `deno task dlq list|show|retry|delete|clear|stats`: the dead letters from a shell beside the
 * server, for when nobody can sign in. Prints JSON, one row a line.
 */
import type { DeadLetters } from "../src/tasks/dead_letters.ts";
import { createCommand, run, say, valueOption } from "./command_line.ts";
import { oneOf, textLike, whole } from "./values.ts";

type Status = "dead" | "abandoned";

interface ListOptions {
  readonly status?: Status | "retrying";
  readonly name?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

interface ClearOptions {
  readonly status?: Status;
  readonly name?: string;
  readonly olderThanHours?: number;
  readonly all?: boolean;
  readonly expectedCount?: number;
  readonly confirm?: boolean;
}

const PAGE_MAX = 100;
const HOURS_MAX = 24 * 365;
const COUNT_MAX = 999_999_999;

const taskId = textLike(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "an id as list shows it");
const taskName = textLike(/^[a-z0-9._-]{1,60}$/, "a task's name, such as webhook.deliver");
const cursor = textLike(/^[\w-]{1,4096}$/, "the cursor that the page before ended with");
const nameOption = () => valueOption("--name <task>", "only tasks of this name", taskName);

const command = createCommand("deno task dlq", "The dead letters: tasks that failed for good.");

command.command("list").description("newest first, one a line")
  .addOption(valueOption(
    "--status <status>",
    "only these: dead, abandoned, retrying",
    oneOf("dead", "abandoned", "retrying"),
  ))
  .addOption(nameOption())
  .addOption(valueOption("--limit <count>", "rows of a page; 25 if left out", whole(1, PAGE_MAX)))
  .addOption(valueOption("--cursor <cursor>", "where the page before ended", cursor))
  .action((options: ListOptions) =>
    withDeadLetters(async (deadLetters) => {
      const page = await deadLetters.list(options);
      for (const item of page.items) say(JSON.stringify(item));
      if (page.next_cursor) say(`More: --cursor=${page.next_cursor}`);
    })
  );

command.command("show").description("everything about one of them")
  .argument("<id>", "id of the task", taskId)
  .action((id: string) =>
    withDeadLetters(async (deadLetters) => print(await deadLetters.show(id), 2))
  );

command.command("retry").description("run it again")
  .argument("<id>", "id of the task", taskId)
  .option("--force", "also what was given up, or cannot succeed unchanged")
  .action((id: string, options: { readonly force?: boolean }) =>
    withDeadLetters(async (deadLetters) => print(await deadLetters.retry(id, options, actor())))
  );

command.command("delete").description("delete one of them")
  .argument("<id>", "id of the task", taskId)
  .action((id: string) =>
    withDeadLetters(async (deadLetters) => print(await deadLetters.delete(id, actor())))
  );

const clear = command.command("clear").description("delete many; without --confirm only count them")
  .addOption(valueOption("--status <status>", "dead or abandoned", oneOf("dead", "abandoned")))
  .addOption(nameOption())
  .addOption(valueOption(
    "--older-than-hours <hours>",
    "only those that died longer ago",
    whole(1, HOURS_MAX),
  ))
  .option("--all", "all of them, in place of a filter")
  .addOption(valueOption(
    "--expected-count <count>",
    "refuse when there are over a tenth more or fewer",
    whole(0, COUNT_MAX),
  ))
  .option("--confirm", "do it")
  .action(async ({ olderThanHours, all, expectedCount, ...options }: ClearOptions) => {
    const filters = [options.status, options.name, olderThanHours];
    const isFiltered = filters.some((filter) => filter !== undefined);
    if (isFiltered === Boolean(all)) {
      clear.error("error: clear takes --status, --name or --older-than-hours, or else --all");
    }
    await withDeadLetters(async (deadLetters) =>
      print(
        await deadLetters.clear({
          ...options,
          older_than_hours: olderThanHours,
          expected_count: expectedCount,
        }, actor()),
      )
    );
  });

command.command("stats").description("how many, of what, how old")
  .action(() => withDeadLetters(async (deadLetters) => print(await deadLetters.stats(), 2)));

await run(command, Deno.args, async (error) => {
  const { AppError } = await import("../src/errors/app_error.ts");
  const { ConfigError } = await import("../src/config.ts");
  return error instanceof AppError || error instanceof ConfigError ? error.message : undefined;
});

/** The app is loaded once it is known what is wanted of it. */
async function withDeadLetters(use: (deadLetters: DeadLetters) => Promise<void>): Promise<void> {
  const { openBesideServer } = await import("./beside_server.ts");
  await using services = await openBesideServer();
  await use(services.tasks.deadLetters);
}

function actor() {
  return { id: "cli", requestId: crypto.randomUUID() };
}

function print(value: unknown, indent?: number): void {
  say(JSON.stringify(value, null, indent));
}
