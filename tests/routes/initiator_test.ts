/** What other people's pages make a browser send: refused where it attacks, held against nobody. */
import { assertEquals } from "@std/assert";
import { type AskOptions, createTestApp, type TestApp } from "../_app.ts";
import { SCRIPT, searchFor, SQL } from "./_attacks.ts";

type Fields = Readonly<Record<string, string>>;

const HOST = "gate.example";
const metadata = (site: string, mode: string, dest: string): Fields => ({
  "sec-fetch-site": site,
  "sec-fetch-mode": mode,
  "sec-fetch-dest": dest,
});

/** The person before the browser may know nothing of it. */
const NOT_BY_SENDER: Readonly<Record<string, Fields>> = {
  "a picture on another site": metadata("cross-site", "no-cors", "image"),
  "a script, style or frame there": metadata("cross-site", "no-cors", "script"),
  "a style there": metadata("cross-site", "no-cors", "style"),
  "a frame there": metadata("cross-site", "navigate", "iframe"),
  "a fetch there that reads nothing": metadata("cross-site", "no-cors", "empty"),
  "a fetch there that asks first": metadata("cross-site", "cors", "empty"),
  "a link in a mail that is read in a browser": metadata("cross-site", "navigate", "document"),
  "a form there": {
    ...metadata("cross-site", "navigate", "document"),
    origin: "https://evil.test",
  },
  "a picture on another subdomain": metadata("same-site", "no-cors", "image"),
  "a link on another subdomain": metadata("same-site", "navigate", "document"),
  "a picture in a post on this site": metadata("same-origin", "no-cors", "image"),
  "a frame in a post on this site": metadata("same-origin", "navigate", "iframe"),
  "a film in a post on this site": metadata("same-origin", "no-cors", "video"),
  "a page that the browser fetches beforehand": {
    ...metadata("same-origin", "no-cors", "document"),
    "sec-purpose": "prefetch",
  },
  "a page that the browser draws beforehand": {
    ...metadata("none", "navigate", "document"),
    "sec-purpose": "prefetch;prerender",
  },
  "a page that an older browser fetches beforehand": { "purpose": "prefetch" },
  "a page that an older Firefox fetches beforehand": { "x-moz": "prefetch" },
  "a link on another site, to an old Safari": { referer: "https://evil.test/page" },
  "a link on another port": { referer: `http://${HOST}:8443/page` },
  "a form on another site, to an old Safari": { origin: "https://evil.test" },
  "a form in a sandbox": { origin: "null", referer: `http://${HOST}/` },
  "a host that begins like ours": { referer: `http://${HOST}.evil.test/` },
  "a picture on a page that sends no Referer": { accept: "image/webp,image/*,*/*;q=0.8" },
  "a style on such a page": { accept: "text/css,*/*;q=0.1" },
};

/** They follow the links that anybody wrote anywhere, from an address that many sites depend on. */
const FOLLOWERS: readonly string[] = [
  "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
  "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
  "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
  "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
  "Mozilla/5.0 (compatible; Google-InspectionTool/1.0;)",
  "CCBot/2.0 (https://commoncrawl.org/faq/)",
  "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
  "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
  "Twitterbot/1.0",
  "TelegramBot (like TwitterBot)",
  "WhatsApp/2.23.20.0",
  "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
  "http.rb/5.1.1 (Mastodon/4.2.1; +https://social.example/)",
];

const BY_SENDER: Readonly<Record<string, Fields>> = {
  "a program": {},
  "an address that was typed": metadata("none", "navigate", "document"),
  "a search on this site": metadata("same-origin", "navigate", "document"),
  "a fetch of this site's script": metadata("same-origin", "cors", "empty"),
  "a form of this site": { ...metadata("same-origin", "navigate", "document"), origin: "null" },
  "a link on this site, in an old Safari": { referer: `http://${HOST}/us`, accept: "text/html" },
  "a form of this site, in an old Safari": { origin: `http://${HOST}` },
  "a word that is none": { "sec-fetch-site": "cross-origin" },
};

async function withApp(act: (app: TestApp) => Promise<void>): Promise<void> {
  await using app = await createTestApp({ env: { LIMIT_STORE: "ip:100000/1m" } });
  await act(app);
}

const statusOf = async (app: TestApp, path: string, options: AskOptions) =>
  (await app.ask(path, options)).status;

Deno.test("what another site makes a browser send is refused, and blocks nobody", async () => {
  await withApp(async (app) => {
    for (const [at, [name, headers]] of Object.entries(NOT_BY_SENDER).entries()) {
      const from = `198.51.100.${at}`;
      for (const path of [SQL, SCRIPT, SQL, SCRIPT].map(searchFor)) {
        assertEquals(await statusOf(app, path, { from, headers }), 403, name);
      }
      const form = new URLSearchParams({ email: SQL });
      const posted = { method: "POST", headers, body: form, from };
      assertEquals(await statusOf(app, "/us/orders", posted), 403, name);
      for (const path of ["/us/products", "/healthz"]) {
        assertEquals(await statusOf(app, path, { from }), 200, `${name}: ${path}`);
      }
      assertEquals(app.services.suspicion.riskOf(from), 0, name);
    }
  });
});

Deno.test("what a person or program sends by itself blocks its address", async () => {
  await withApp(async (app) => {
    for (const [at, [name, headers]] of Object.entries(BY_SENDER).entries()) {
      const from = `198.51.100.${at}`;
      await app.ask(searchFor(SQL), { from, headers });
      await app.ask(searchFor(SCRIPT), { from, headers });
      assertEquals(await statusOf(app, "/us/products", { from }), 403, name);
    }
  });
});

Deno.test("dead links, refused methods and failed sign-ins count where the sender made them", async () => {
  await withApp(async (app) => {
    const login = { email: "nobody@shop.example", password: "not the password" };
    const behaviourOf = async (headers: Fields, from: string) => {
      for (let at = 0; at < 12; at++) {
        await app.ask("/us/no-such-page", { from, headers });
        await app.ask("/us/products", { method: "DELETE", from, headers });
      }
      await app.ask("/api/v1/auth/login", {
        method: "POST",
        from,
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(login),
      });
      return app.services.suspicion.behaviourOf(from) > 0.5;
    };
    const all = [...Object.entries(NOT_BY_SENDER), ...Object.entries(BY_SENDER)];
    for (const [at, [name, headers]] of all.entries()) {
      assertEquals(await behaviourOf(headers, `198.51.100.${at}`), name in BY_SENDER, name);
    }
  });
});

Deno.test("links that a crawler or a preview follows are refused, and cost the site neither", async () => {
  await withApp(async (app) => {
    for (const [at, agent] of FOLLOWERS.entries()) {
      const from = `198.51.100.${at}`;
      const headers = { "user-agent": agent };
      for (const path of [SQL, SCRIPT, SQL, SCRIPT].map(searchFor)) {
        assertEquals(await statusOf(app, path, { from, headers }), 403, agent);
      }
      for (let dead = 0; dead < 12; dead++) {
        await app.ask(`/us/no-such-page-${dead}`, { from, headers });
      }
      assertEquals(await statusOf(app, "/us/products", { from, headers }), 200, agent);
      assertEquals(app.services.suspicion.riskOf(from), 0, agent);
    }
  });
});

Deno.test("a crawler's name does not cover what no link makes it send", async () => {
  await withApp(async (app) => {
    const headers = { "user-agent": FOLLOWERS[0] };
    for (const text of [SQL, SCRIPT]) {
      const body = new URLSearchParams({ email: text });
      await app.ask("/us/orders", { method: "POST", headers, body });
    }
    assertEquals(await statusOf(app, "/us/products", {}), 403);
  });
});

Deno.test("a scanner that says its name is one, whatever else it says", async () => {
  await withApp(async (app) => {
    const headers = { ...metadata("cross-site", "no-cors", "image"), "user-agent": "sqlmap/1.8" };
    await app.ask(searchFor(SQL), { headers });
    await app.ask(searchFor(SCRIPT), { headers });
    assertEquals(await statusOf(app, "/us/products", {}), 403);
  });
});

Deno.test("a tool that calls itself a picture is refused each time, under its limit", async () => {
  await using app = await createTestApp({ env: { LIMIT_STORE: "ip:20/1m" } });
  const headers = metadata("cross-site", "no-cors", "image");
  const statuses = new Map<number, number>();
  for (let at = 0; at < 60; at++) {
    const status = await statusOf(app, searchFor(`${SQL} ${at}`), { headers });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  assertEquals([...statuses], [[403, 20], [429, 40]]);
});
