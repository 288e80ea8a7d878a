/** Bodies that were coded before they were sent. */
import { assert, assertEquals } from "@std/assert";
import zlib from "node:zlib";
import { codingsOf } from "../../../src/threats/body/coding.ts";
import { createBodyOpener } from "../../../src/threats/body/open.ts";
import { engine, head, REFUSED } from "../_requests.ts";

const SQL = "1' UNION SELECT name, password FROM users--";
const JSON_TYPE = "application/json";
const MIB = 1024 * 1024;
const open = createBodyOpener();

async function score(
  bytes: Uint8Array,
  coding: string | undefined,
  type = JSON_TYPE,
  whole = true,
) {
  const request = head("/api", {
    "content-type": type,
    ...(coding === undefined ? {} : { "content-encoding": coding }),
  });
  return engine.scoreBody(request, await open({ bytes, whole }, request.headers));
}

const attack = new TextEncoder().encode(JSON.stringify({ name: "Ann", q: SQL }));
const orders = new TextEncoder().encode(JSON.stringify(Array.from({ length: 400 }, (_, at) => ({
  id: at * 7919 % 10_007,
  name: "Siobhán O'Brien",
  note: "It's for her; we'd like 2 of these & a receipt",
}))));

type Coder = (bytes: Uint8Array) => Uint8Array;
const CODERS: readonly (readonly [name: string, coder: Coder])[] = [
  ["gzip", zlib.gzipSync],
  ["GZip", zlib.gzipSync],
  ["x-gzip", zlib.gzipSync],
  ["deflate", zlib.deflateSync],
  ["deflate", zlib.deflateRawSync],
  ["br", zlib.brotliCompressSync],
  ["zstd", zlib.zstdCompressSync],
  ["gzip, gzip", (bytes) => zlib.gzipSync(zlib.gzipSync(bytes))],
  ["deflate, br", (bytes) => zlib.brotliCompressSync(zlib.deflateSync(bytes))],
  ["identity", (bytes) => bytes],
  ["identity, gzip", zlib.gzipSync],
  ["aws-chunked", (bytes) => bytes],
  ["utf-8", (bytes) => bytes],
  ["gzip", (bytes) => zlib.gzipSync(bytes, { level: 0 })],
];

for (const [name, coder] of CODERS) {
  Deno.test(`a payload is found in ${name} by ${coder.name || "several"}, and an honest text passes`, async () => {
    assert((await score(coder(attack), name)).payload > REFUSED);
    const { payload, unread } = await score(coder(orders), name);
    assert(!unread && payload < 0.5, `${payload}`);
  });
}

Deno.test("codingsOf() knows its codings, and refuses the others", () => {
  for (const name of ["compress", "x-gatehouse", "gzip, compress", "gzip, gzip, gzip", "base64"]) {
    assertEquals(codingsOf(name), undefined, name);
  }
  assertEquals(codingsOf(""), []);
  assertEquals(codingsOf("gzip , BR"), ["gzip", "br"]);
});

Deno.test("a coding that we don't know is unsupported", async () => {
  const { unread, unsupported } = await score(attack, "compress");
  assertEquals([unread, unsupported], [true, true]);
});

const gzipWith = (field: string) => {
  // A gzip head may carry a file's name, which nobody compresses.
  const coded = zlib.gzipSync("a=1");
  const named = new Uint8Array([...coded.subarray(0, 10), ...new TextEncoder().encode(field), 0]);
  named[3] = 8;
  return new Uint8Array([...named, ...coded.subarray(10)]);
};

Deno.test("an application that ignores the coding is protected as well", async () => {
  const form = "application/x-www-form-urlencoded";
  const hidden = gzipWith(`&q=${encodeURIComponent(SQL)}&`);
  assert((await score(hidden, "gzip", form)).payload > REFUSED);
  for (const coder of [zlib.gzipSync, zlib.deflateSync, zlib.brotliCompressSync] as Coder[]) {
    const trailing = new Uint8Array([...coder(orders), ...new TextEncoder().encode(`&q=${SQL}`)]);
    const { unread, payload } = await score(
      trailing,
      coder === zlib.gzipSync ? "gzip" : coder === zlib.deflateSync ? "deflate" : "br",
      form,
    );
    assert(unread && payload > REFUSED, coder.name);
  }
});

const BROKEN: readonly (readonly [what: string, coding: string, bytes: Uint8Array])[] = [
  ["plain text said to be gzip", "gzip", attack],
  ["plain text said to be deflate", "deflate", attack],
  ["plain text said to be brotli", "br", attack],
  ["plain text said to be zstd", "zstd", attack],
  ["half of a gzip", "gzip", zlib.gzipSync(orders).subarray(0, 800)],
  ["half of a brotli", "br", zlib.brotliCompressSync(orders).subarray(0, 100)],
  ["gzip said to be gzip twice", "gzip, gzip", zlib.gzipSync(attack)],
  ["a bomb in gzip", "gzip", zlib.gzipSync(new Uint8Array(8 * MIB))],
  ["a bomb in brotli", "br", zlib.brotliCompressSync(new Uint8Array(8 * MIB))],
  ["a bomb in zstd", "zstd", zlib.zstdCompressSync(new Uint8Array(8 * MIB))],
  ["a bomb in a bomb", "gzip, gzip", zlib.gzipSync(zlib.gzipSync(new Uint8Array(8 * MIB)))],
];

for (const [what, coding, bytes] of BROKEN) {
  Deno.test(`what cannot be inflated is not read, and says so: ${what}`, async () => {
    assert((await score(bytes, coding)).unread);
  });
}

const fastBrotli: Coder = (bytes) =>
  zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } });

Deno.test("a long honest text is cut, not refused, however well it shrinks", async () => {
  const rows = Array.from({ length: 20_000 }, (_, id) => ({
    id,
    price: id * 7919 % 10_007,
    note: `It's order ${id * 104_729 % 999_983}; we'd like 2 of these & a receipt`,
  }));
  const long = new TextEncoder().encode(JSON.stringify(rows));
  for (const [name, coder] of [["gzip", zlib.gzipSync], ["br", fastBrotli]] as const) {
    const { unread, payload } = await score(coder(long), name);
    assert(!unread && payload < REFUSED, `${name} ${payload}`);
  }
  const part = zlib.gzipSync(orders).subarray(0, 800);
  assert(!(await score(part, "gzip", JSON_TYPE, false)).unread);
});

Deno.test("a file that is gzip without saying so is looked into, not refused", async () => {
  for (const type of [JSON_TYPE, "application/octet-stream", "application/gzip", ""]) {
    assert((await score(zlib.gzipSync(attack), undefined, type)).payload > REFUSED, type);
  }
  const archive = zlib.gzipSync(
    "#!/bin/sh\nrm -rf /tmp/x; cat /etc/passwd | grep root\n".repeat(99),
  );
  const { payload, unread } = await score(archive, undefined, "application/gzip");
  assert(!unread && payload < 0.5, `${payload}`);
});

Deno.test("forty bombs at once need the room of one", async () => {
  const bomb = zlib.brotliCompressSync(new Uint8Array(8 * MIB));
  const before = Deno.memoryUsage().rss;
  const scores = await Promise.all(Array.from({ length: 40 }, () => score(bomb, "br")));
  assert(scores.every(({ unread }) => unread));
  assert(Deno.memoryUsage().rss - before < 200 * MIB);
});
