/** Several processes on one SQLite file, where checked commits meet `database is locked`. */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { openKv } from "../../src/kv/open.ts";
import { silentLog } from "../../src/log.ts";
import { systemClock } from "../../src/time.ts";
import { runChild } from "../_child.ts";

const PROCESSES = 4;
const ROUNDS = 100;

interface Report {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly breaker: string;
}

async function count(path: string, name: string): Promise<Report> {
  const script = fileURLToPath(new URL("./_counter.ts", import.meta.url));
  const args = ["run", "-A", "--quiet", "--no-check", script, path, String(ROUNDS), name];
  const { success, stdout, stderr } = await runChild(Deno.execPath(), { args });
  const text = new TextDecoder();
  if (!success) throw new Error(`process ${name} failed: ${text.decode(stderr)}`);
  return JSON.parse(text.decode(stdout));
}

Deno.test("commit() counts exactly with 4 processes on one file, and shows no lock", async () => {
  const folder = await Deno.makeTempDir({ prefix: "gatehouse-kv-" });
  const path = `${folder}/kv.sqlite3`;
  const names = Array.from({ length: PROCESSES }, (_, n) => String(n));
  const reports = await Promise.all(names.map((name) => count(path, name)));
  for (const { outcomes, breaker } of reports) {
    assertEquals(Object.keys(outcomes).toSorted(), ["commit ok", "read ok"]);
    assertEquals(breaker, "closed");
  }
  const kv = await openKv({ path, clock: systemClock, log: silentLog });
  const entries = await kv.getMany<number>([
    { parts: ["hot"] },
    ...names.map((name) => ({ parts: ["own", name] })),
  ]);
  assertEquals(entries.map(({ value }) => value), [
    PROCESSES * ROUNDS,
    ...names.map(() => ROUNDS),
  ]);
  const sum = await kv.get<Deno.KvU64>({ parts: ["sum"] });
  assertEquals(sum.value?.value, BigInt(PROCESSES * ROUNDS));
  kv.close();
  await Deno.remove(folder, { recursive: true });
});
