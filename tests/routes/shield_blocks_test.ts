/** Who is kept out, who is let in whatever he sends, and for how long. */
import { assert, assertEquals } from "@std/assert";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { type AskOptions, createTestApp } from "../_app.ts";
import { attackTwice, SCRIPT, searchFor, SQL } from "./_attacks.ts";
import { codeOf, type IdentityApp, itemsOf, openIdentityApp } from "./_identity_app.ts";

const ATTACKER = { from: "198.51.100.7" };
const BLOCKS = "/api/v1/security/blocks";

const homeStatus = async (app: IdentityApp, from = ATTACKER.from) =>
  (await app.ask("/us/products", { from })).status;

Deno.test("two different payloads block an address for everything, until an admin lifts it", async () => {
  await using app = await openIdentityApp();
  const { token } = await app.person("admin");
  await app.ask(searchFor(SQL), ATTACKER);
  await app.ask(searchFor(SQL), ATTACKER);
  assertEquals(await homeStatus(app), 200, "the same payload twice is one");
  assertEquals(await attackTwice(app.ask, ATTACKER), [403, 403]);
  for (const path of ["/us/products", "/api/v1/nothing", "/nowhere"]) {
    assertEquals(codeOf(await app.ask(path, ATTACKER)), "REQUEST_BLOCKED", path);
  }
  assertEquals(await homeStatus(app, "198.51.100.8"), 200);
  const [block] = itemsOf(await app.get(BLOCKS, { token }));
  assertEquals([block.target, block.author, block.times], [ATTACKER.from, "automatic", 1]);
  const lifted = await app.send("DELETE", `${BLOCKS}/${ATTACKER.from}`, { token });
  assertEquals([lifted.status, await homeStatus(app)], [204, 200]);
  await app.ask(searchFor(SQL), ATTACKER);
  assertEquals(await homeStatus(app), 200, "his former payloads are forgiven");
});

const q = (text: string) => encodeURIComponent(text);
const OTHER_SQL = "x' OR 'a'='a' -- and more";
const WAF_CHECK = `1 AND 1=1 UNION ALL SELECT 1,NULL,'<script>alert("XSS")</script>',table_name ` +
  "FROM information_schema.tables WHERE 2>1--/**/; EXEC xp_cmdshell('cat ../../../etc/passwd')#";
const searched = (...texts: string[]) => texts.map((text) => searchFor(text));
const posted = (field: string, text: string): AskOptions & { path: string } => ({
  path: "/us/orders",
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ [field]: text }),
});

type Sent = readonly (string | (AskOptions & { path: string }))[];

/** What one person does who tries things, or whose browser repeats them. */
const ONE_PERSON: Readonly<Record<string, Sent>> = {
  "two texts of one kind in one search": searched(SQL, OTHER_SQL),
  "a search that asks at every key": searched(
    ..."<script>alert(document.cookie)</script>".split("").map((_, at, all) =>
      all.slice(0, at + 1).join("")
    ),
  ),
  "the same text in two fields": [searchFor(SQL), `/us/products?sort=${q(SQL)}`],
  "the same text in a form, in JSON and in a link": [
    searchFor(SQL),
    posted("text", SQL),
    `/us/products?next=${q(`/us/products?q=${SQL}&page=2`)}`,
  ],
  "the same search by GET and by POST": [searchFor(SQL), posted("q", OTHER_SQL)],
  "a text about many attacks, written shorter and shorter": [
    posted("body", `${WAF_CHECK} ${SCRIPT}`),
    posted("body", SCRIPT),
  ],
  "a text and its copy in base64": [searchFor(SQL), searchFor(btoa(SQL))],
  "a text in the search, then as the page before": [
    searchFor(SQL),
    { path: "/us/products", headers: { referer: `http://gate.example${searchFor(SCRIPT)}` } },
    { path: "/gatehouse.css", headers: { referer: `http://gate.example${searchFor(SQL)}` } },
  ],
};

/** What scanners do. */
const SCANNERS: Readonly<Record<string, Sent>> = {
  "two families in one field": searched(SQL, SCRIPT),
  "two fields": [searchFor(SQL), `/us/products?sort=${q(OTHER_SQL)}`],
  "a query and a body": [searchFor(SQL), posted("email", OTHER_SQL)],
  "sqlmap's first look, then its work": [`/us/products?xKzb=${q(WAF_CHECK)}`, searchFor(OTHER_SQL)],
  "two hidden files": ["/.git/config", "/.env"],
  "two ways out of the root": [`/a/..%2f..%2f..%2fetc/passwd`, `/b/..%2f..%2f..%2fetc/shadow`],
  "one field, by a tool that says its name": searched(SQL, OTHER_SQL).map((path) => ({
    path,
    headers: { "user-agent": "sqlmap/1.8.4#stable (https://sqlmap.org)" },
  })),
};

async function refusedOf(app: IdentityApp, sent: Sent, from: string): Promise<number> {
  let refused = 0;
  for (const one of sent) {
    const { path, ...options } = typeof one === "string" ? { path: one } : one;
    if ((await app.ask(path, { ...options, from })).status === 403) refused++;
  }
  return refused;
}

Deno.test("one person's texts are refused, and block nobody", async () => {
  await using app = await openIdentityApp();
  for (const [at, [name, sent]] of Object.entries(ONE_PERSON).entries()) {
    const from = `203.0.113.${at}`;
    assert(await refusedOf(app, sent, from) > 0, name);
    assertEquals(await homeStatus(app, from), 200, name);
  }
});

Deno.test("a scanner is blocked with its second payload, wherever it goes on", async () => {
  await using app = await openIdentityApp();
  for (const [at, [name, sent]] of Object.entries(SCANNERS).entries()) {
    const from = `203.0.113.${at}`;
    assertEquals(await refusedOf(app, sent, from), 2, name);
    assertEquals(await homeStatus(app, from), 403, name);
  }
});

Deno.test("one payload blocks a guesser of paths, and not a busy office", async () => {
  await using app = await openIdentityApp();
  const sendAll = async (from: string, times: number, method: string, path: string) => {
    for (let at = 0; at < times; at++) await app.send(method, path, { from });
    assertEquals((await app.ask(searchFor(SQL), { from })).status, 403);
    return await homeStatus(app, from);
  };
  assertEquals(await sendAll("198.51.100.30", 40, "DELETE", "/us/products"), 200, "an office");
  assertEquals(await sendAll("198.51.100.31", 12, "GET", "/us/no-such-page"), 403, "a guesser");
});

Deno.test("a block ends by itself, and the next one lasts twice as long", async () => {
  await using app = await openIdentityApp();
  for (const hours of [1, 2, 4]) {
    await attackTwice(app.ask, ATTACKER);
    app.clock.turn(hours * HOUR - SECOND);
    assertEquals(await homeStatus(app), 403, `${hours} h`);
    app.clock.turn(2 * SECOND);
    assertEquals(await homeStatus(app), 200, `${hours} h`);
    app.clock.turn(MINUTE);
  }
});

Deno.test("a signed-in user who attacks is flagged, and his office's address not blocked", async () => {
  await using app = await openIdentityApp();
  const { token } = await app.person("analyst");
  const user = { ...ATTACKER, token: "user-token-123" };
  assertEquals(await attackTwice(app.ask, user), [403, 403]);
  assertEquals(await homeStatus(app), 200);
  const flags = itemsOf(await app.get("/api/v1/security/events?type=user_flagged", { token }));
  assertEquals(flags.map(({ user, action }) => [user, action]), [["user-token", "flag"]]);
});

Deno.test("the allow list lets pass unscored, and the deny list refuses everything", async () => {
  await using app = await openIdentityApp();
  const { token } = await app.person("admin");
  const put = async (name: string, cidr: string) => {
    const json = { entries: [{ cidr }] };
    return (await app.send("PUT", `/api/v1/security/lists/${name}`, { token, json })).status;
  };
  assertEquals(await put("allow", "198.51.100.0/28"), 200);
  assertEquals(await put("deny", "2001:db8:7::/48"), 200);
  assertEquals(await attackTwice(app.ask, ATTACKER), [200, 200]);
  assertEquals(await homeStatus(app), 200);
  assertEquals((await app.ask(searchFor(SQL), { from: "198.51.100.16" })).status, 403);
  const denied = await app.ask("/us/products", { from: "2001:db8:7:1::9" });
  assertEquals(codeOf(denied), "REQUEST_BLOCKED");
  assertEquals(await homeStatus(app, "2001:db8:8::9"), 200);
});

Deno.test("COUNTRY_DENY refuses by the database, and by a trusted proxy's word before it", async () => {
  const env = { COUNTRY_DENY: "US", TRUSTED_PROXIES: "10.0.0.1" };
  await using app = await openIdentityApp({ env });
  await app.services.warmUp();
  assertEquals(await homeStatus(app, "8.8.8.8"), 403);
  assertEquals(await homeStatus(app), 200, "nobody knows where that is");
  const said = async (country: string, from: string) => {
    const headers = { "x-forwarded-for": "198.51.100.9", "cf-ipcountry": country };
    return (await app.ask("/us/products", { from, headers })).status;
  };
  assertEquals(await said("US", "10.0.0.1"), 403);
  assertEquals(await said("DE", "10.0.0.1"), 200);
  assertEquals(await said("US", "198.51.100.10"), 200, "a stranger's word counts for nothing");
});

Deno.test("GATE_MODE=off and monitor refuse nobody of the deny list", async () => {
  for (const GATE_MODE of ["off", "monitor"]) {
    await using app = await createTestApp({ env: { GATE_MODE } });
    const entries = [{ cidr: ATTACKER.from }];
    await app.services.blocks.putList("deny", { entries }, { id: "test", requestId: "test" });
    const answer = await app.ask("/us/products", ATTACKER);
    assertEquals(answer.status, 200, GATE_MODE);
    assert(GATE_MODE === "off" || answer.headers.has("x-risk-score"));
  }
});
