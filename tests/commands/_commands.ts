/** Commands of ops/ as processes, and a KV file with people and dead letters for them to harm. */
import { z } from "zod";
import { fileURLToPath } from "node:url";
import { createServices } from "../../src/services.ts";
import { parseConfig } from "../../src/config.ts";
import { silentLog } from "../../src/log.ts";
import { defineTask } from "../../src/tasks/define.ts";
import { systemClock } from "../../src/time.ts";

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const PASSWORD = "seven green bottles on a wall";

/** Runs `ops/<name>.ts` with a good password in the pipe. */
export async function runCommand(
  name: string,
  args: readonly string[],
  kvPath: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const script = fileURLToPath(new URL(`../../ops/${name}.ts`, import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, ...args],
    env: { KV_PATH: kvPath, NO_COLOR: "1", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdin = child.stdin.getWriter();
  // It may have ended without reading.
  await stdin.write(new TextEncoder().encode(`${PASSWORD}\n`)).catch(() => {});
  await stdin.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, err };
}

export interface Folder extends AsyncDisposable {
  readonly kvPath: string;
  /** Everything in KV, as text. */
  dump(): Promise<string>;
  names(): Promise<string[]>;
}

export async function createFolder(): Promise<Folder> {
  const path = await Deno.makeTempDir({ prefix: "gatehouse_commands_" });
  const kvPath = `${path}/kv.sqlite3`;
  return {
    kvPath,
    dump: () => dumpOf(kvPath),
    names: async () => (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function dumpOf(kvPath: string): Promise<string> {
  using kv = await Deno.openKv(kvPath);
  const lines: string[] = [];
  for await (const { key, value, versionstamp } of kv.list({ prefix: [] })) {
    lines.push(Deno.inspect([key, value, versionstamp], { depth: 20, strAbbreviateSize: 1e6 }));
  }
  return lines.join("\n");
}

/** An admin, and three webhooks that nobody took; answers the dump. */
export async function fillKv(kvPath: string): Promise<string> {
  const config = parseConfig({ KV_PATH: kvPath, TASKS_DOORBELL: "off" });
  const services = await createServices({ config, clock: systemClock, log: silentLog, fetch });
  const { tasks, identity } = services;
  const admin = { email: "ada@shop.example", password: PASSWORD, role: "admin" } as const;
  await identity.accounts.create(admin, { id: "test", requestId: "test" });
  for (let n = 1; n <= 3; n++) {
    await tasks.enqueue(WEBHOOK, { url: `http://10.0.0.${n}/`, event: "test", body: {} });
  }
  tasks.start();
  while ((await tasks.counts()).dead < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  await services.site.close();
  await services.stop();
  return await dumpOf(kvPath);
}

/** As the app defines it: only its name and shape matter for putting one into the queue. */
const WEBHOOK = defineTask({
  name: "webhook.deliver",
  schema: z.object({ url: z.string(), event: z.string(), body: z.json() }),
  run() {},
});
