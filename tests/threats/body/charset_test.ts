import { assert, assertEquals } from "@std/assert";
import { readingsOf } from "../../../src/threats/body/charset.ts";
import { REFUSED, scoreBody } from "../_requests.ts";
import { utf16 } from "./_bytes.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const SQL = "1' UNION SELECT name, password FROM users--";

Deno.test("readingsOf() reads plain text once, whatever is declared", () => {
  for (const charset of [undefined, "utf-8", "utf8", "'utf-8'", "us-ascii", "windows-1252", ""]) {
    assertEquals(readingsOf(bytes("a=1"), charset), { texts: ["a=1"], unknown: false }, charset);
  }
  assertEquals(readingsOf(utf16('{"a":1}'), "utf-16le").texts, ['{"a":1}']);
  assertEquals(readingsOf(utf16('{"a":1}', "be"), undefined).texts, ['{"a":1}']);
});

Deno.test("readingsOf() reads as declared and as UTF-8 where they differ", () => {
  assertEquals(readingsOf(bytes("é"), "iso-8859-1").texts, ["Ã©", "é"]);
  assertEquals(readingsOf(bytes("ab"), "utf-16le").texts, ["\u6261", "ab"]);
  assertEquals(readingsOf(bytes("ab"), "utf-8", ["utf-16be"]).texts, ["\u6162", "ab"]);
});

Deno.test("readingsOf() believes a byte order mark first, and what XML declares", () => {
  const marked = new Uint8Array([0xff, 0xfe, ...utf16("é")]);
  assertEquals(readingsOf(marked, "iso-8859-1").texts[0], "é");
  const xml = bytes('<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>');
  assertEquals(readingsOf(xml, undefined).texts.length, 2);
});

const UNKNOWN = ["utf-7", "utf-32", "utf-32be", "cp037", "ibm500", "x-gatehouse", "hz-gb-2312"];

Deno.test("a charset that we don't know is refused as such", () => {
  for (const charset of UNKNOWN) {
    for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"]) {
      const { unread, unsupported } = scoreBody("a=1", `${type}; charset=${charset}`);
      assertEquals([unread, unsupported], [true, true], `${type} ${charset}`);
    }
    const xml = `<?xml version="1.0" encoding="${charset}"?><a/>`;
    assert(scoreBody(xml, "application/xml").unsupported, charset);
    assert(!scoreBody("a=1", `image/png; charset=${charset}`).unsupported, charset);
  }
});

Deno.test("charsets that people send pass, however they are written", () => {
  for (
    const charset of ["utf-8", "UTF8", '"UTF-8"', "'utf-8'", "utf8mb4", "ISO-8859-1", "latin1"]
      .concat(["us-ascii", "windows-1251", "Shift_JIS", "GBK", "EUC-KR", "iso-8859-15"])
  ) {
    const { payload, unread } = scoreBody(
      `{"q":"Ça va, d'accord"}`,
      `text/json; charset=${charset}`,
    );
    assert(!unread && payload < REFUSED, charset);
  }
});

/** The same payload in each of the ways in which gate and application might read differently. */
const DISGUISES: Readonly<Record<string, readonly [type: string, body: Uint8Array]>> = {
  "UTF-16 by declaration": ["application/json; charset=utf-16le", utf16(JSON.stringify([SQL]))],
  "UTF-16BE by declaration": [
    "application/json; charset=utf-16be",
    utf16(JSON.stringify([SQL]), "be"),
  ],
  "UTF-16 by its mark, declared UTF-8": [
    "application/json; charset=utf-8",
    new Uint8Array([0xff, 0xfe, ...utf16(JSON.stringify([SQL]))]),
  ],
  "UTF-16 undeclared": ["application/json", utf16(JSON.stringify([SQL]))],
  "declared UTF-16, sent as UTF-8": [
    "application/json; charset=utf-16le",
    bytes(JSON.stringify([SQL])),
  ],
  "declared in another parameter": [
    'application/json; x="charset=utf-16le"',
    bytes(JSON.stringify([SQL])),
  ],
  "declared twice, the second read": [
    "application/json; charset=utf-8; charset=utf-16le",
    utf16(JSON.stringify([SQL])),
  ],
  "a false mark before a form": [
    "application/x-www-form-urlencoded",
    new Uint8Array([0xff, 0xfe, ...bytes(`x=1&q=${encodeURIComponent(SQL)}`)]),
  ],
  "UTF-16 XML that says so itself": [
    "application/xml",
    utf16(`<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///x">]>`),
  ],
};

for (const [what, [type, body]] of Object.entries(DISGUISES)) {
  Deno.test(`a payload is found in a body that is ${what}`, () => {
    assert(scoreBody(body, type).payload > REFUSED);
  });
}

Deno.test("two readings of one text count once", () => {
  const once = scoreBody(`{"q":"it's 1=1 or so"}`, "application/json").payload;
  const twice = scoreBody(
    `{"q":"it's 1=1 or so","n":"é"}`,
    "application/json; charset=iso-8859-1",
  ).payload;
  assertEquals(twice, once);
});
