import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { fromBase64 } from "../../src/threats/base64.ts";
import { decode, TRICK } from "../../src/threats/decode.ts";

const query = (raw: string) => decode(raw, true, true);
const json = (raw: string) => decode(raw, false, false);

Deno.test("decode() takes off every layer that a chain of servers might", () => {
  const layers: Record<string, string> = {
    "%3Cb%3E": "<b>",
    "%253Cb%253E": "<b>",
    "%25253Cb%25253E": "<b>",
    "%u003cb%u003E": "<b>",
    "&lt;b&#62;": "<b>",
    "&#x0000003c;b&gt": "<b>",
    "\\x3cb\\u003e": "<b>",
    "\\u{003c}b>": "<b>",
    "%c0%bcb%e0%80%be": "<b>",
    "\uff1cB\uff1e": "<b>",
    "a+b": "a b",
    "..0x2f..0x5c": "../..\\",
    "a\u2215b\u3002c": "a/b.c",
    "%": "%",
    "100%25": "100%",
    "caf%C3%A9": "café",
    "caf%E9": "café",
    "%f0%9f%98%80": "😀",
  };
  for (const [raw, text] of Object.entries(layers)) assertEquals(query(raw).text, text, raw);
});

Deno.test("decode() keeps a plus where it is no blank", () =>
  assertEquals(json("a+b").text, "a+b"));

Deno.test("decode() takes out what nobody sees", () => {
  assertEquals(json("s\u200be\u00adl\ufeffect").text, "select");
  assertEquals(json("se\0lect\x01").text, "select");
});

Deno.test("decode() reports the tricks it met", () => {
  const tricks: readonly (readonly [string, number])[] = [
    ["%2527", TRICK.layered],
    ["%c0%ae", TRICK.overlong],
    ["a%00", TRICK.nul],
    ["%u0027", TRICK.percentU],
    ["a%E2%80%8Bb", TRICK.invisible],
    ["%27", 0],
    ["50%25", 0],
  ];
  for (const [raw, seen] of tricks) assertEquals(query(raw).tricks, seen, raw);
});

Deno.test("decode() reads a URL inside JSON as encoded once", () => {
  assertEquals(json("https://a.example/%22x%22").tricks, 0);
  assertEquals(json("%2527").tricks & TRICK.layered, TRICK.layered);
});

Deno.test("decode() stops after three layers", () => {
  let raw = "<";
  for (let layer = 0; layer < 6; layer++) raw = encodeURIComponent(raw);
  assertEquals(query(raw).text, "%253c");
});

Deno.test("decode() never fails, and gives back what was encoded", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    query(text);
    json(text);
  }));
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."abc <>'\"=é漢") }), (text) => {
    assertEquals(query(encodeURIComponent(text)).text, text);
  }));
});

Deno.test("fromBase64() reads text and nothing else", () => {
  assertEquals(fromBase64(btoa("' or 1=1--")), "' or 1=1--");
  assertEquals(fromBase64("JyBvciAxPTEtLQ"), "' or 1=1--");
  assertEquals(fromBase64(btoa("a~~?b~~?").replaceAll("+", "-").replaceAll("/", "_")), "a~~?b~~?");
  for (
    const other of [
      "",
      "short",
      "4rWPzA19XezCnuFeYkmpGkUm5gTrQ1Ok",
      "products",
      "not base64!",
      "a".repeat(20_000),
    ]
  ) {
    assertEquals(fromBase64(other), undefined, other);
  }
});

Deno.test("fromBase64() is the inverse of btoa() for readable text", () => {
  const readable = fc.string({ minLength: 6, maxLength: 200 });
  fc.assert(fc.property(readable, (text) => assertEquals(fromBase64(btoa(text)), text)));
});
