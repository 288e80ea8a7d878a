import { assert, assertEquals, assertMatch, assertNotMatch, assertRejects } from "@std/assert";
import { ConfigError } from "../../src/config.ts";
import { kvKind, type KvOptions, openKv } from "../../src/kv/open.ts";
import { silentLog } from "../../src/log.ts";
import { systemClock } from "../../src/time.ts";
import { runChild } from "../_child.ts";
import { testKey } from "./_faulty.ts";

const open = (options: Partial<KvOptions>) =>
  openKv({ path: ":memory:", clock: systemClock, log: silentLog, ...options });

const key = testKey<number>("a");

async function problem(options: Partial<KvOptions>): Promise<string> {
  return (await assertRejects(() => open(options), ConfigError)).message;
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "gatehouse-kv-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openKv() keeps nothing of :memory: for the next one", async () => {
  const first = await open({});
  await first.commit((atomic) => atomic.set(key, 1));
  first.close();
  const second = await open({});
  assertEquals((await second.get(key)).value, null);
  second.close();
});

Deno.test("openKv() makes the folders of a file, and finds what was kept in it", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a/b c/ü/kv.sqlite3`;
    const first = await open({ path });
    await first.commit((atomic) => atomic.set(key, 1));
    first.close();
    const second = await open({ path });
    assertEquals((await second.get(key)).value, 1);
    second.close();
  });
});

Deno.test("openKv() names KV_PATH and what to do when the file is no database", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/kv.sqlite3`;
    await Deno.writeTextFile(path, "this is a letter, not a database\n".repeat(40));
    const message = await problem({ path });
    assert(message.startsWith(`KV_PATH=${path} cannot be opened: file is not a database`), message);
    assertMatch(message, /must be a file this process may read and write/);
  });
});

Deno.test("openKv() names KV_PATH when the path is a folder, or cannot be made", async () => {
  await inFolder(async (folder) => {
    assertMatch(await problem({ path: folder }), /^KV_PATH=.*unable to open database file/);
    await Deno.writeTextFile(`${folder}/file`, "");
    assertMatch(
      await problem({ path: `${folder}/file/kv.sqlite3` }),
      /^KV_PATH=.*cannot be opened/,
    );
    assertMatch(await problem({ path: ":odd" }), /^KV_PATH=:odd cannot be opened/);
  });
});

Deno.test("openKv() names KV_PATH when no server listens, and hides credentials and queries", async () => {
  Deno.env.set("DENO_KV_ACCESS_TOKEN", "gatehouse-tests-only-0123456789");
  const message = await problem({ path: "http://name:hush@127.0.0.1:9/kv?token=hush2" });
  assert(message.startsWith("KV_PATH=http://127.0.0.1:9/kv cannot be opened"), message);
  assertMatch(message, /Connection refused/);
  assertMatch(message, /URL of a KV Connect server that runs.*DENO_KV_ACCESS_TOKEN/);
  assertNotMatch(message, /hush/);
});

Deno.test("openKv() gives up on a server that accepts and says nothing", async () => {
  Deno.env.set("DENO_KV_ACCESS_TOKEN", "gatehouse-tests-only-0123456789");
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const held: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) held.push(connection);
  })();
  const { port } = listener.addr as Deno.NetAddr;
  const message = await problem({ path: `http://127.0.0.1:${port}`, openMs: 200 });
  assertMatch(
    message,
    /^KV_PATH=http:\/\/127.0.0.1:\d+\/ cannot be opened: no answer within 0.2 s/,
  );
  listener.close();
  await accepting;
  // The attempt behind it fails now, unheard.
  for (const connection of held) connection.close();
  await new Promise((resolve) => setTimeout(resolve, 300));
});

Deno.test("openKv() on Deno Deploy says plainly that no database is attached", async () => {
  // What the platform sets; in a process of its own because it is read once.
  const code = `
    import { openKv } from ${JSON.stringify(new URL("../../src/kv/open.ts", import.meta.url).href)};
    const clock = { now: () => 0, monotonic: () => 0 };
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    await openKv({ path: "./data/gatehouse.sqlite3", onDeploy: true, clock, log })
      .catch((error) => console.log(error.name, error.message));`;
  const { stdout } = await runChild(Deno.execPath(), {
    args: ["eval", "--quiet", code],
    env: { DENO_KV_REQUIRES_DISTRIBUTED_DATABASE: "error" },
  });
  const text = new TextDecoder().decode(stdout);
  assertMatch(text, /^ConfigError Deno Deploy gives this app no KV database/);
  assertMatch(text, /deno deploy database assign NAME --app APP/);
});

Deno.test("openKv() wraps a KV it is given, and closes it once", async () => {
  let closes = 0;
  using raw = await Deno.openKv(":memory:");
  const kv = await open({
    path: "/nowhere/at/all",
    raw: {
      get: raw.get.bind(raw),
      getMany: raw.getMany.bind(raw),
      list: raw.list.bind(raw),
      atomic: raw.atomic.bind(raw),
      close: () => closes++,
    },
  });
  assert((await kv.commit((atomic) => atomic.set(key, 1))).ok);
  kv.close();
  kv.close();
  assertEquals(closes, 1);
});

Deno.test("kvKind() tells what a path promises", () => {
  assertEquals(kvKind({ path: ":memory:" }), "memory");
  assertEquals(kvKind({ path: ":memory:", onDeploy: true }), "memory");
  assertEquals(kvKind({ path: "./data/gatehouse.sqlite3" }), "file");
  assertEquals(kvKind({ path: "./data/gatehouse.sqlite3", onDeploy: true }), "remote");
  assertEquals(kvKind({ path: "HTTPS://kv.example/" }), "remote");
});
