/** Apps write whole URLs of themselves; on one's own machine these look like a way inside. */
import { assert, assertEquals } from "@std/assert";
import { createTestApp, peer, read } from "../_app.ts";
import { withoutOwnHost } from "../../src/threats/own_host.ts";

const URL_ENCODED = { "content-type": "application/x-www-form-urlencoded" };

/** Where an app writes a URL of itself, as WordPress, Django, GitLab, Mastodon and Drupal do. */
const PLACES: Readonly<Record<string, (url: string) => readonly [path: string, RequestInit]>> = {
  "a query": (url) => [`/us/products?next=${encodeURIComponent(url)}`, {}],
  "a query as it is": (url) => [`/us/products?q=${url}`, {}],
  "a User-Agent": (url) => ["/", { headers: { "user-agent": `WordPress/6.1.9; ${url}` } }],
  "a header": (url) => ["/", { headers: { "x-page": url } }],
  "a cookie": (url) => ["/", { headers: { cookie: `from=${encodeURIComponent(url)}` } }],
  "a form": (url) => ["/", {
    method: "POST",
    headers: URL_ENCODED,
    body: new URLSearchParams({ siteurl: url }),
  }],
  "JSON": (url) => ["/", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ content: `<img src="${url}">` }),
  }],
  "a multipart form": (url) => {
    const body = new FormData();
    body.set("home", url);
    return ["/", { method: "POST", body }];
  },
};

/** [host asked, settings, what is written, whether it may be]. */
const URLS: readonly (readonly [
  host: string,
  env: Readonly<Record<string, string>>,
  url: string,
  isOurs: boolean,
])[] = [
  ["127.0.0.1:8000", {}, "http://127.0.0.1:8000/wp-admin/", true],
  ["localhost:8000", {}, "http://localhost:8000", true],
  ["[::1]:8000", {}, "http://[::1]:8000/a?b=c", true],
  ["127.0.0.1", { PORT: "80" }, "http://127.0.0.1/a", true],
  ["10.0.0.5:8000", { PUBLIC_HOSTS: "10.0.0.5:8000" }, "https://10.0.0.5:8000/a#b", true],
  ["intranet", { PUBLIC_HOSTS: "intranet" }, "http://intranet/a", true],
  // Another port, name, address, or one that only begins like ours.
  ["127.0.0.1:8000", {}, "http://127.0.0.1:6379/", false],
  ["127.0.0.1:8000", {}, "http://127.0.0.1:80/", false],
  ["127.0.0.1:8000", {}, "http://127.0.0.1:8000@127.0.0.1:22/", false],
  ["127.0.0.1:8000", {}, "http://127.0.0.1/", false],
  ["localhost:8000", {}, "gopher://localhost:8000/_x", false],
  // A host that is only the client's word.
  ["127.0.0.1:6379", {}, "http://127.0.0.1:6379/", false],
  ["10.0.0.5", {}, "http://10.0.0.5/", false],
  ["169.254.169.254", {}, "http://169.254.169.254/latest/meta-data/", false],
  ["shop.test", {}, "http://127.0.0.1:8000/", false],
];

/** The places in which it refuses this URL, each written by somebody else. */
async function refusedIn(
  url: string,
  host: string,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  await using app = await createTestApp({ env });
  const refused: string[] = [];
  let sender = 0;
  for (const [place, build] of Object.entries(PLACES)) {
    const [path, init] = build(url);
    const request = new Request(`http://${host}${path}`, init);
    const { status } = await read(await app.gate(request, peer(`192.0.2.${++sender}`)));
    if (status === 403) refused.push(place);
  }
  return refused;
}

Deno.test("a URL of this very site is held against nobody, another one is", async (t) => {
  for (const [host, env, url, isOurs] of URLS) {
    await t.step(`${url} asked of ${host} ${JSON.stringify(env)}`, async () => {
      const elsewhere = await refusedIn(url, "shop.test");
      assert(elsewhere.includes("a form"), `refused elsewhere: ${elsewhere}`);
      assertEquals(await refusedIn(url, host, env), isOurs ? [] : elsewhere);
    });
  }
});

Deno.test("a program may say in its User-Agent where it lives", async () => {
  for (
    const home of ["http://127.0.0.1:9000", "http://10.1.2.3/", "http://intranet/x", "http://[::1]"]
  ) {
    const refused = await refusedIn(home, "shop.test");
    assertEquals(refused.includes("a User-Agent"), false, home);
  }
  for (const bad of ["http://169.254.169.254/latest/meta-data/", "gopher://127.0.0.1:6379/_x"]) {
    assert((await refusedIn(bad, "shop.test")).includes("a User-Agent"), bad);
  }
});

Deno.test("withoutOwnHost() takes out whole addresses and nothing else", () => {
  const rows: readonly (readonly [text: string, rest: string])[] = [
    ["http://a:80", ""],
    ["http://a:80/x and https://a:80/y?z", "/x and /y?z"],
    ['<img src="ws://a:80/x">', '<img src="/x">'],
    ["http://a:800/", "http://a:800/"],
    ["http://a:80.evil/", "http://a:80.evil/"],
    ["http://a:80\\@evil/", "http://a:80\\@evil/"],
    ["ftp://a:80/", "ftp://a:80/"],
    ["a:80", "a:80"],
    ["http://a:80http://a:80/", "http://a:80/"],
  ];
  for (const [text, rest] of rows) assertEquals(withoutOwnHost(text, "a:80"), rest, text);
});
