/**
 * Every command of ops/, as its own process, with words that it must not understand: each ends with
 * status 2, the wrong word and the usage, and what is in KV stays as it is, to the byte.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createFolder, fillKv, runCommand } from "./_commands.ts";

const ID = "01234567-89ab-4cde-8f01-23456789abcd";

/** What is typed, and the word that the answer must name. */
type Row = readonly [line: string, word: string];

const DLQ: readonly Row[] = [
  ["", "Usage"],
  ["lst", "lst"],
  ["CLEAR --confirm", "CLEAR"],
  ["--confirm clear", "--confirm"],
  ["clear", "--all"],
  ["clear --confirm", "--all"],
  ["clear --all --status=dead --confirm", "--all"],
  ["clear --status=abandond --confirm", "abandond"],
  ["clear --status abandond --confirm", "abandond"],
  ["clear --status= --confirm", "--status"],
  ["clear --status --confirm", "--status"],
  ["clear --confirm --status", "--status"],
  ["clear --stat=abandoned --confirm", "--stat"],
  ["clear --status=dead --status=abandoned --confirm", "twice"],
  ["clear --status=retrying --confirm", "retrying"],
  ["clear --older-than-hours=7d --confirm", "7d"],
  ["clear --older-than-hours 7d --confirm", "7d"],
  ["clear --older-than-hours=-1 --confirm", "-1"],
  ["clear --older-than-hours=0 --confirm", "--older-than-hours"],
  ["clear --older-than-hours=1e3 --confirm", "1e3"],
  ["clear --older-than-hours= --confirm", "--older-than-hours"],
  ["clear --older-than-hours --confirm", "--older-than-hours"],
  ["clear --olderthanhours=168 --confirm", "--olderthanhours"],
  ["clear --all --confirm=yes", "--confirm"],
  ["clear --all --conf", "--conf"],
  ["clear --all -- --confirm", "--confirm"],
  ["clear --all --confirm now", "now"],
  ["clear --all -c", "-c"],
  ["clear --name=A&B --confirm", "A&B"],
  ["clear --name --confirm", "--name"],
  ["clear --expected-count=few --all --confirm", "few"],
  ["list --limit=-5", "-5"],
  ["list --limit=1000", "1000"],
  ["list --limit=ten", "ten"],
  ["list --status=open", "open"],
  ["list --cursor=a/b", "a/b"],
  ["list --cursor=", "--cursor"],
  ["list everything", "everything"],
  ["show", "id"],
  ["show 7", "7"],
  [`show ${ID} ${ID}`, ID],
  ["retry", "id"],
  ["retry --force", "id"],
  [`retry ${ID} --forced`, "--forced"],
  [`retry ${ID} --force=1`, "--force"],
  [`delete ${ID.toUpperCase()}`, ID.toUpperCase()],
  [`delete ${ID} --confirm`, "--confirm"],
  ["stats --status=dead", "--status"],
];

const MAIL = "eve@shop.example";

const ADMIN: readonly Row[] = [
  ["", "email"],
  ["eve", "eve"],
  ["eve@", "eve@"],
  ["@shop.example", "@shop.example"],
  ["eve@shop.example,bob@shop.example", "eve@shop.example,bob@shop.example"],
  ["eve@shop..example", "eve@shop..example"],
  ["<eve@shop.example>", "<eve@shop.example>"],
  ["mailto:eve@shop.example", "mailto:eve@shop.example"],
  ["eve@-shop.example", "eve@-shop.example"],
  [`${MAIL} ${MAIL}`, MAIL],
  [`${MAIL} admin`, "admin"],
  [`${MAIL} --role=user`, "--role"],
  [`--role user ${MAIL}`, "--role"],
  [`--email=${MAIL}`, "--email"],
  [`--email ${MAIL}`, "--email"],
  [`${MAIL} --password=secret`, "--password"],
  [`${MAIL} -p secret`, "-p"],
  [`${MAIL} --force`, "--force"],
  [`--dry-run ${MAIL}`, "--dry-run"],
  ["-- --help", "--help"],
  ["eve@shop_example", "eve@shop_example"],
];

const SITE = "http://127.0.0.1:9/";

const VERIFY: readonly Row[] = [
  ["", "url"],
  ["shop.example", "shop.example"],
  ["http:/", "http:/"],
  ["ftp://shop.example", "ftp://shop.example"],
  ["https://", "https://"],
  ["https://ann:secret@shop.example", "secret"],
  [`${SITE} ${SITE}`, SITE],
  ["--nope", "--nope"],
  [`${SITE} --format`, "--format"],
  [`${SITE} --format=`, "--format"],
  [`${SITE} --format=xml`, "xml"],
  [`${SITE} --format JSON`, "JSON"],
  [`${SITE} --format=json --format=sarif`, "twice"],
  [`${SITE} --stric`, "--stric"],
  [`${SITE} --strict=yes`, "--strict"],
  [`${SITE} --path=cart`, "cart"],
  [`${SITE} --path`, "--path"],
  [`${SITE} --path --strict`, "--path"],
  [`${SITE}${" --path /a".repeat(6)}`, "At most 5"],
  [`${SITE} --base-path=gate`, "gate"],
  [`${SITE} --base-path=/a --base-path=/b`, "twice"],
  [`${SITE} --http-url=localhost`, "localhost"],
  [`${SITE} --http-url=`, "--http-url"],
  [`${SITE} --ca-cert=/nowhere/ca.pem`, "/nowhere/ca.pem"],
  [`${SITE} --ca-cert --strict`, "--ca-cert"],
  [`${SITE} --probe-limit`, "--probe-limit"],
  [`${SITE} --probe-limits=1`, "--probe-limits"],
];

const COMMANDS: Readonly<Record<string, readonly Row[]>> = {
  "dlq": DLQ,
  "admin_create": ADMIN,
  "verify_security": VERIFY,
};

Deno.test("every command of ops/ has its wrong words here", async () => {
  const entries = await Array.fromAsync(Deno.readDir(new URL("../../ops", import.meta.url)));
  const sources = entries.map(({ name }) => name).filter((name) => name.endsWith(".ts"));
  const commands: string[] = [];
  for (const name of sources) {
    const text = await Deno.readTextFile(new URL(`../../ops/${name}`, import.meta.url));
    if (text.includes("await run(")) commands.push(name.replace(/\.ts$/, ""));
  }
  assertEquals(commands.sort(), Object.keys(COMMANDS).sort());
  for (const rows of Object.values(COMMANDS)) assert(rows.length >= 20);
});

for (const [name, rows] of Object.entries(COMMANDS)) {
  Deno.test(`${name} does nothing for ${rows.length} wrong invocations`, async () => {
    await using folder = await createFolder();
    const before = await fillKv(folder.kvPath);
    const faults: string[] = [];
    const check = async ([line, word]: Row) => {
      const args = line.split(" ").filter(Boolean);
      const { code, out, err } = await runCommand(name, args, folder.kvPath);
      const isFine = code === 2 && out === "" && err.includes(word) && err.includes("Usage: ");
      if (!isFine) faults.push(`${line} -> ${code}\n${out}${err}`);
    };
    // Two at a time, as there are two cores.
    const waiting = [...rows];
    const work = async () => {
      for (let row = waiting.shift(); row; row = waiting.shift()) await check(row);
    };
    await Promise.all([work(), work()]);
    assertEquals(faults, []);
    assertEquals(await folder.dump(), before);
  });

  Deno.test(`${name} --help says how it is used, and does nothing`, async () => {
    await using folder = await createFolder();
    const { code, out, err } = await runCommand(name, ["--help"], folder.kvPath);
    assertEquals([code, err], [0, ""]);
    assertStringIncludes(out, "Usage: deno task ");
    assertEquals(await folder.names(), []);
  });
}
