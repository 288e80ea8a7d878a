import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { catalog } from "../../../fixtures/shop/catalog.ts";
import { answerAsset, assetUrl } from "../../../src/origin/demo/assets.ts";

const ORIGIN = "http://shop.example";

function ask(url: string, headers: HeadersInit = {}): Response {
  const request = new Request(ORIGIN + url, { headers });
  const answer = answerAsset(request, new URL(request.url).pathname);
  if (!answer) throw new Error(`nothing at ${url}`);
  return answer;
}

const PATHS = [
  "/assets/shop.css",
  "/assets/shop.js",
  "/assets/window.svg",
  "/assets/bricolage-grotesque.woff2",
  "/assets/instrument-sans.woff2",
  "/favicon.svg",
  "/favicon.ico",
  "/robots.txt",
  ...catalog.map(({ id }) => `/assets/products/${id}.svg`),
];

Deno.test("answerAsset() has every asset, with a type and an ETag", async () => {
  for (const path of PATHS) {
    const answer = ask(path);
    assertMatch(answer.headers.get("etag") ?? "", /^"[\w-]{12}"$/);
    assertMatch(answer.headers.get("content-type") ?? "", /^(text|image|font)\//);
    assertEquals((await answer.bytes()).length > 40, true, path);
  }
});

Deno.test("answerAsset() knows nothing else", () => {
  const request = new Request(ORIGIN);
  for (const path of ["/", "/assets/", "/assets/shop.ts", "/assets/products/x.svg", "/__proto__"]) {
    assertEquals(answerAsset(request, path), undefined, path);
  }
});

Deno.test("answerAsset() lets an address with its hash be kept for a year", async () => {
  const url = assetUrl("/assets/shop.css");
  const kept = ask(url);
  assertEquals(kept.headers.get("cache-control"), "public, max-age=31536000, immutable");
  const plain = ask("/assets/shop.css");
  const stale = ask("/assets/shop.css?v=old");
  assertEquals(plain.headers.get("cache-control"), "public, max-age=3600");
  assertEquals(stale.headers.get("cache-control"), "public, max-age=3600");
  assertEquals(await kept.text(), await plain.text());
  await stale.body?.cancel();
});

Deno.test("answerAsset() answers 304 without a body to who has it", async () => {
  const etag = ask("/assets/shop.css").headers.get("etag") ?? "";
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const answer = ask("/assets/shop.css", { "if-none-match": known });
    assertEquals([answer.status, await answer.text()], [304, ""]);
    assertEquals(answer.headers.get("etag"), etag);
  }
  const changed = ask("/assets/shop.css", { "if-none-match": '"other"' });
  assertEquals(changed.status, 200);
  await changed.body?.cancel();
});

async function unpack(answer: Response): Promise<string> {
  const stream = answer.body?.pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).text();
}

Deno.test("answerAsset() packs text for who takes it packed, under another ETag", async () => {
  const plain = ask("/assets/shop.css");
  const packed = ask("/assets/shop.css", { "accept-encoding": "br, GZIP;q=0.8" });
  assertEquals(packed.headers.get("content-encoding"), "gzip");
  assertEquals([plain, packed].map(({ headers }) => headers.get("vary")), [
    "Accept-Encoding",
    "Accept-Encoding",
  ]);
  assertEquals(packed.headers.get("etag") === plain.headers.get("etag"), false);
  assertEquals(await unpack(packed), await plain.text());
});

Deno.test("answerAsset() does not pack for who refuses it, nor what is packed already", async () => {
  for (const accepted of ["gzip;q=0", "gzip; q=0.0, br", "identity", "", "xgzip"]) {
    const answer = ask("/assets/shop.css", { "accept-encoding": accepted });
    assertEquals(answer.headers.get("content-encoding"), null, accepted);
    await answer.body?.cancel();
  }
  const font = ask("/assets/instrument-sans.woff2", { "accept-encoding": "gzip" });
  assertEquals(font.headers.get("content-encoding"), null);
  await font.body?.cancel();
});

Deno.test("answerAsset() gives answers whose headers the gate can write", async () => {
  const etag = ask("/robots.txt").headers.get("etag") ?? "";
  for (const known of ["", etag]) {
    const answer = ask("/robots.txt", { "if-none-match": known });
    answer.headers.set("x-request-id", "1");
    assertEquals(answer.headers.get("x-request-id"), "1");
    await answer.body?.cancel();
  }
});

Deno.test("the style sheet names fonts by their hash and nothing from elsewhere", async () => {
  const css = await ask("/assets/shop.css").text();
  const urls = [...css.matchAll(/url\("([^"]+)"\)/g)].map(([, url]) => url);
  assertEquals(urls, [
    assetUrl("/assets/bricolage-grotesque.woff2"),
    assetUrl("/assets/instrument-sans.woff2"),
  ]);
  assertNotMatch(css, /https?:|@import|expression|javascript:/);
});

Deno.test("the script does nothing the policy forbids", async () => {
  const script = await ask("/assets/shop.js").text();
  assertNotMatch(script, /innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(/);
  assertNotMatch(script, /\.style\b|https?:/);
});

Deno.test("pictures are drawings without script, style or links, each its own and light", async () => {
  const seen = new Set<string>();
  for (const { id } of catalog) {
    const svg = await ask(`/assets/products/${id}.svg`).text();
    assertMatch(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 400 500">/);
    assertNotMatch(svg, /<script|<style|style=|href|NaN|undefined|Infinity|on\w+=/, id);
    assertEquals((svg.match(/</g)?.length ?? 0) > 40, true, `${id} is drawn with care`);
    assertEquals(svg.length < 32_000, true, `${id}: ${svg.length} bytes`);
    seen.add(svg);
  }
  assertEquals(seen.size, catalog.length);
});

Deno.test("pictures name every paint they use, once", async () => {
  const paths = [...catalog.map(({ id }) => `/assets/products/${id}.svg`), "/assets/window.svg"];
  for (const path of paths) {
    const svg = await ask(path).text();
    const defined = [...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    const used = new Set([...svg.matchAll(/url\(#([^)]+)\)/g)].map(([, id]) => id));
    assertEquals(new Set(defined).size, defined.length, `${path} defines a paint twice`);
    assertEquals([...used].filter((id) => !defined.includes(id)), [], path);
  }
});
