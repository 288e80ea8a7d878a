/** The page that somebody sees who is refused: it loads nothing, and leads on with no Referer. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createTestApp } from "../_app.ts";
import { SCRIPT, searchFor, serveTestSite, SQL } from "./_attacks.ts";

const PAGE = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
/** Whatever makes a browser ask for something more. */
const LOADS =
  /<(?:link(?! rel="icon" href="data:,")|script|img|iframe|object|embed|video|audio)\b|url\(|@import|srcset/;

/** Who refuses, and what: in front of the shop, of another site, and for paths of ours. */
const REFUSALS: readonly (readonly [name: string, path: string, env: Record<string, string>])[] = [
  ["an attack on the shop", searchFor(SCRIPT), {}],
  ["an attack on a site", searchFor(SQL), { ORIGIN_URL: "site" }],
  ["an attack on a path of ours", `/admin?q=${encodeURIComponent(SQL)}`, {}],
  ["under a path of its own", `/gate/admin?q=${encodeURIComponent(SQL)}`, { BASE_PATH: "/gate" }],
  ["too many requests for a site", "/", { ORIGIN_URL: "site", LIMIT_STORE: "ip:1/1m" }],
];

Deno.test("a refused person gets a page that loads nothing and sends no Referer", async () => {
  await using site = serveTestSite();
  for (const [name, path, { ORIGIN_URL, ...env }] of REFUSALS) {
    await using app = await createTestApp({
      env: ORIGIN_URL ? { ...env, ORIGIN_URL: site.url } : env,
    });
    if (env.LIMIT_STORE) await app.ask(path);
    const { status, headers, text } = await app.ask(path, { headers: PAGE });
    assert(status === 403 || status === 429, `${name}: ${status}`);
    assertMatch(headers.get("content-type") ?? "", /^text\/html/, name);
    assertEquals(headers.get("referrer-policy"), "no-referrer", name);
    assert(!LOADS.test(text), `${name}: ${text}`);
    const policy = headers.get("content-security-policy") ?? "";
    const [, nonce] = /<style nonce="([\w+\/=]{20,})">[^<]{200,}<\/style>/.exec(text) ?? [];
    assert(policy.includes(`style-src 'self' 'nonce-${nonce}'`), `${name}: ${policy}`);
    assert(!policy.includes("unsafe-inline"), policy);
  }
});

Deno.test("a refused program is told to send no Referer either", async () => {
  await using app = await createTestApp();
  const { status, headers } = await app.ask(searchFor(SQL));
  assertEquals([status, headers.get("referrer-policy")], [403, "no-referrer"]);
  const passed = await app.ask("/us/products", { headers: PAGE });
  assertEquals(passed.headers.get("referrer-policy"), "same-origin");
});

Deno.test("who is blocked sees the refusal in its own dress, as everything else is refused", async () => {
  await using app = await createTestApp();
  for (const text of [SQL, SCRIPT]) await app.ask(searchFor(text));
  const { status, text } = await app.ask("/us/products", { headers: PAGE });
  assertEquals([status, LOADS.test(text)], [403, false]);
  assertEquals((await app.ask("/gatehouse.css")).status, 403);
});
