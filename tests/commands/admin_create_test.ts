/** `deno task admin:create`, as its own process, against the KV file of a running app. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { openIdentityApp } from "../routes/_identity_app.ts";

const SCRIPT = fileURLToPath(new URL("../../ops/admin_create.ts", import.meta.url));
const EMAIL = "ada@shop.example";
const PASSWORD = "seven green bottles on a wall";

/** Runs it with a password in the pipe; answers its exit code and what it said. */
async function adminCreate(kvPath: string, args: readonly string[], password = PASSWORD) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", SCRIPT, ...args],
    env: { KV_PATH: kvPath, NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdin = child.stdin.getWriter();
  await stdin.write(new TextEncoder().encode(`${password}\r\n`));
  await stdin.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const [said, complained] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, said: said + complained };
}

async function inFolder(run: (kvPath: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "gatehouse_admin_" });
  try {
    await run(`${folder}/kv.sqlite3`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("admin:create makes an admin who can sign in, and ends the set-up", () =>
  inFolder(async (kvPath) => {
    await using app = await openIdentityApp({ env: { KV_PATH: kvPath } });
    const token = await app.services.identity.setup.openLink();
    const { code, said } = await adminCreate(kvPath, [EMAIL]);
    assertEquals(code, 0, said);
    assertMatch(said, /^Created the admin ada@shop\.example \(acc_\w{20}\)\n$/);
    assert(!said.includes(PASSWORD));

    assertEquals((await app.login(EMAIL)).status, 200);
    const json = { token, email: "eve@shop.example", password: PASSWORD };
    assertEquals((await app.post("/api/v1/auth/setup", { json })).json().code, "SETUP_DONE");
  }));

Deno.test("admin:create says in a sentence what is wrong, and makes nothing", () =>
  inFolder(async (kvPath) => {
    const wrong: [string[], string, number, string][] = [
      [[], PASSWORD, 2, "Usage: deno task admin:create EMAIL"],
      [["nobody"], PASSWORD, 2, "e-mail"],
      [[EMAIL], "short", 1, "at least 15 characters"],
    ];
    for (const [args, password, exit, sentence] of wrong) {
      const { code, said } = await adminCreate(kvPath, args, password);
      assertEquals(code, exit, said);
      assertStringIncludes(said, sentence);
      assert(!said.includes("    at "), said);
    }
    assertEquals((await adminCreate(kvPath, [EMAIL])).code, 0);
    const again = await adminCreate(kvPath, [EMAIL.toUpperCase()]);
    assertEquals(again.code, 1, again.said);
    assertStringIncludes(again.said, "An account has this e-mail address");
  }));
