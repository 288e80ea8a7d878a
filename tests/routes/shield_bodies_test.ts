/** Bodies over real sockets: what is refused, and that what passes arrives byte by byte. */
import { assert, assertEquals } from "@std/assert";
import { serveTestApp } from "../_app.ts";
import { FILE, hashOf, SCRIPT, serveTestSite, SQL } from "./_attacks.ts";

const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";
const PARTS_TYPE = "multipart/form-data; boundary=cut";
const XML_TYPE = "application/xml";
const PROSE = "We'd select the union rep & drop the table off at 5; it's 1=1 for all. ".repeat(20);

const part = (name: string, value: string, extra = "") =>
  `--cut\r\nContent-Disposition: form-data; name="${name}"${extra}\r\n\r\n${value}\r\n`;
const inParts = (...parts: string[]) => `${parts.join("")}--cut--\r\n`;
const form = (fields: Record<string, string>) => String(new URLSearchParams(fields));

type Body = readonly [what: string, type: string, body: string];

const ATTACKS: readonly Body[] = [
  ["JSON", JSON_TYPE, JSON.stringify({ name: "Ann", search: { terms: ["lamp", SQL] } })],
  ["form", FORM_TYPE, form({ name: "Ann", comment: SCRIPT })],
  ["multipart", PARTS_TYPE, inParts(part("name", "Ann"), part("comment", SCRIPT))],
  ["file name", PARTS_TYPE, inParts(part("file", "x", `; filename="${FILE}"`))],
  [
    "XML",
    XML_TYPE,
    `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`,
  ],
  ["JSON said to be text", "text/plain", JSON.stringify({ q: SQL })],
  ["form said to be JSON", JSON_TYPE, form({ q: SQL })],
  ["padded JSON", JSON_TYPE, JSON.stringify({ padding: "lorem ipsum ".repeat(25_000), q: SQL })],
  ["padded form", FORM_TYPE, form({ padding: "lorem ipsum ".repeat(25_000), q: SCRIPT })],
];

const HONEST: readonly Body[] = [
  ["JSON", JSON_TYPE, JSON.stringify({ name: "Siobhán O'Brien", note: PROSE })],
  ["form", FORM_TYPE, form({ name: "Siobhán O'Brien", note: PROSE })],
  [
    "multipart",
    PARTS_TYPE,
    inParts(part("note", PROSE), part("file", "\0\x01\xff", '; filename="a.bin"')),
  ],
  ["XML", XML_TYPE, `<?xml version="1.0"?><order><name>Siobhán O'Brien</name></order>`],
  ["300 KB of JSON", JSON_TYPE, JSON.stringify({ notes: PROSE.repeat(200) })],
  ["2 MB of JSON", JSON_TYPE, JSON.stringify({ notes: PROSE.repeat(1_400) })],
  ["nothing", JSON_TYPE, ""],
];

/** The whole app in front of a site; each request comes from an address of its own. */
async function openBed() {
  const site = serveTestSite();
  const app = await serveTestApp({ ORIGIN_URL: site.url, TRUSTED_PROXIES: "127.0.0.1" });
  let count = 0;
  return {
    site,
    post(type: string, body: BodyInit) {
      const headers = { "content-type": type, "x-forwarded-for": `198.51.100.${++count}` };
      return fetch(`${app.url}/comments`, { method: "POST", headers, body });
    },
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await site[Symbol.asyncDispose]();
    },
  };
}

/** In small pieces with pauses between them. */
function slowly(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      controller.enqueue(bytes.slice(at, at += 16));
      if (at >= bytes.length) controller.close();
    },
  });
}

Deno.test("a payload in a body is refused whatever its format, and never reaches the site", async () => {
  await using bed = await openBed();
  for (const [what, type, body] of ATTACKS) {
    const answer = await bed.post(type, body);
    assertEquals([answer.status, (await answer.json()).code], [403, "REQUEST_BLOCKED"], what);
  }
  assertEquals(bed.site.arrivals, []);
});

Deno.test("an honest body reaches the site byte by byte, framed as the client framed it", async () => {
  await using bed = await openBed();
  for (const [what, type, text] of HONEST) {
    const bytes = new TextEncoder().encode(text);
    const arrived = await (await bed.post(type, bytes)).json();
    assertEquals([arrived.sizeBytes, arrived.hash], [bytes.length, await hashOf(bytes)], what);
    assertEquals(arrived.headers["content-length"], String(bytes.length), what);
  }
});

Deno.test("a slow body is judged when it is complete", async () => {
  await using bed = await openBed();
  const attack = await bed.post(JSON_TYPE, slowly(ATTACKS[0][2]));
  assertEquals([attack.status, (await attack.json()).code], [403, "REQUEST_BLOCKED"]);
  const [, , text] = HONEST[0];
  const arrived = await (await bed.post(JSON_TYPE, slowly(text))).json();
  assertEquals(arrived.hash, await hashOf(new TextEncoder().encode(text)));
  assertEquals(arrived.headers["transfer-encoding"], "chunked");
});

Deno.test("a binary upload of 32 MB streams through untouched", async () => {
  await using bed = await openBed();
  const bytes = new Uint8Array(32 * 1024 * 1024);
  for (let at = 0; at < bytes.length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  let at = 0;
  const stream = new ReadableStream({
    async pull(controller) {
      // The rest is only sent when the site has got the start.
      if (at >= 1024 * 1024) await bed.site.begun;
      controller.enqueue(bytes.slice(at, at += 65_536));
      if (at >= bytes.length) controller.close();
    },
  });
  const arrived = await (await bed.post("application/octet-stream", stream)).json();
  assert(arrived.sizeBytes === bytes.length && arrived.hash === await hashOf(bytes));
});
