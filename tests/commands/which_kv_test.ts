/** A command whose KV_PATH is wrong does nothing, makes nothing, and says which KV it meant. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { createFolder, fillKv, runCommand } from "./_commands.ts";

const ID = "00000000-0000-4000-8000-000000000000";
const COMMANDS = [
  "stats",
  "list",
  "clear --all --confirm",
  `show ${ID}`,
  `retry ${ID}`,
  `delete ${ID}`,
];

/** Ways to miss the server's file, which is `kv.sqlite3` in the folder. */
const WRONG: Readonly<Record<string, (folder: string) => string>> = {
  "a name with a letter too few": (folder) => `${folder}/kv.sqlite`,
  "a folder that is not there": (folder) => `${folder}/data/kv.sqlite3`,
  "a folder": (folder) => folder,
  "another kind of address": () => "ftp://127.0.0.1/kv.sqlite3",
  "a blank at the end": (folder) => `${folder}/kv.sqlite3 `,
  "memory": () => ":memory:",
};

for (const [name, pathIn] of Object.entries(WRONG)) {
  Deno.test(`dlq with a KV_PATH that is ${name} ends with 1, and makes nothing`, async () => {
    await using folder = await createFolder();
    await fillKv(folder.kvPath);
    const names = await folder.names();
    const path = pathIn(folder.kvPath.slice(0, folder.kvPath.lastIndexOf("/")));
    for (const line of COMMANDS) {
      const { code, out, err } = await runCommand("dlq", line.split(" "), path);
      assertEquals([code, out], [1, ""], line);
      assertStringIncludes(err, "KV_PATH=");
      assertEquals(await folder.names(), names);
    }
  });
}

Deno.test("admin_create makes nobody in a memory of its own, and says when a file is new", async () => {
  await using folder = await createFolder();
  const lost = await runCommand("admin_create", ["ada@shop.example"], ":memory:");
  assertEquals([lost.code, lost.out], [1, ""]);
  assertStringIncludes(lost.err, "KV_PATH=:memory:");
  const first = await runCommand("admin_create", ["ada@shop.example"], folder.kvPath);
  assertStringIncludes(first.out, `KV_PATH=${folder.kvPath} is new`);
  const second = await runCommand("admin_create", ["eve@shop.example"], folder.kvPath);
  assertEquals([second.code, second.out.includes("is new")], [0, false]);
});
