import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { PartReader } from "../../../src/threats/body/multipart/part_reader.ts";

interface Outcome {
  readonly parts: (readonly [head: string, content: string])[];
  outside: string;
  readonly odd: Set<string>;
}

const encode = (text: string) => new TextEncoder().encode(text);

function read(pieces: readonly Uint8Array[], boundary = "b"): Outcome {
  const outcome: Outcome = { parts: [], outside: "", odd: new Set() };
  const decoder = new TextDecoder("latin1");
  let head = "";
  let content = "";
  const reader = new PartReader(boundary, {
    head: (bytes) => head = decoder.decode(bytes),
    content: (piece) => content += decoder.decode(piece),
    end() {
      outcome.parts.push([head, content]);
      content = "";
    },
    outside: (piece) => outcome.outside += decoder.decode(piece),
    odd: (what) => outcome.odd.add(what),
  });
  for (const piece of pieces) reader.push(piece);
  reader.finish();
  return outcome;
}

type Row = readonly [
  what: string,
  body: string,
  contents: readonly string[],
  odd?: readonly string[],
];

const BODIES: readonly Row[] = [
  ["two parts", "--b\r\nA: 1\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n", ["one", "two"]],
  ["line feeds alone", "--b\nA: 1\n\none\n--b\n\ntwo\n--b--\n", ["one", "two"]],
  ["no final delimiter", "--b\r\n\r\none\r\n--b\r\n\r\ntwo", ["one", "two"]],
  ["no final line end", "--b\r\n\r\none\r\n--b--", ["one"]],
  ["preamble and epilogue", "hi\r\n--b\r\n\r\none\r\n--b--\r\nbye\r\n", ["one"]],
  ["a leading line end", "\r\n--b\r\n\r\none\r\n--b--\r\n", ["one"]],
  ["blanks after the boundary", "--b \t\r\n\r\none\r\n--b-- \r\n", ["one"]],
  ["a boundary in mid-line", "--b\r\n\r\none --b\r\nx--b--y\r\n--b--", ["one --b\r\nx--b--y"]],
  ["parts after the last one", "--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\ntwo\r\n--b--", [
    "one",
    "two",
  ]],
  ["an empty part", "--b\r\nA: 1\r\n\r\n\r\n--b--", [""]],
  ["a part without content or empty line", "--b\r\nA: 1\r\n--b\r\n\r\none\r\n--b--", ["", "one"]],
  ["content that ends with CR", "--b\r\n\r\none\r\r\n--b--", ["one\r"]],
  ["content of line ends", "--b\r\n\r\n\r\n\r\n\n\r\n--b--", ["\r\n\r\n\n"]],
  ["nothing", "", []],
  ["no delimiter", "a=1", []],
  ["another boundary", "--c\r\n\r\none\r\n--c--", []],
  ["a delimiter after a bare line feed", "--b\r\n\r\none\n--b\r\n\r\ntwo\r\n--b--", [
    "one",
    "two",
  ], ["mixed"]],
  ["a head that ends with bare line feeds", "--b\r\nA: 1\n\none\r\n--b--", ["one"], ["mixed"]],
  ["a delimiter after a bare CR", "--b\r\n\r\none\r--b\r\n\r\ntwo\r\n--b--", ["one", "two"], [
    "ambiguous",
  ]],
  ["a longer boundary", "--b\r\n\r\none\r\n--bc\r\ntwo\r\n--b--", ["one\r\n--bc\r\ntwo"], [
    "ambiguous",
  ]],
  ["something behind the last boundary", "--b\r\n\r\none\r\n--b--x\r\n", ["one"], ["ambiguous"]],
  ["a head without end", `--b\r\nA: ${"x".repeat(20_000)}`, ["x".repeat(20_003 - 4_096)], [
    "ambiguous",
  ]],
];

for (const [what, body, contents, odd = []] of BODIES) {
  Deno.test(`PartReader reads ${what}, whole and byte by byte`, () => {
    const whole = read([encode(body)]);
    assertEquals(whole.parts.map(([, content]) => content), contents);
    assertEquals([...whole.odd], odd);
    assertEquals(read(Array.from(encode(body), (byte) => Uint8Array.of(byte))), whole);
  });
}

const PIECES = [
  "--b",
  "--b--",
  "\r\n",
  "\n",
  "\r",
  "--",
  "-",
  "b",
  " ",
  "A: 1",
  "x",
  "\r\n--b\r\n",
];

Deno.test("PartReader gives the same result for every split", () => {
  const body = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((all) => all.join(""));
  const cuts = fc.array(fc.nat(60), { maxLength: 12 });
  fc.assert(
    fc.property(body, cuts, (text, at) => {
      const bytes = encode(text);
      const edges = [0, ...at.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b)];
      const pieces = edges.map((from, i) => bytes.subarray(from, edges[i + 1] ?? bytes.length));
      assertEquals(read(pieces), read([bytes]));
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("PartReader loses no byte of what people send", () => {
  const content = fc.uint8Array({ maxLength: 200 });
  fc.assert(fc.property(fc.array(content, { maxLength: 6 }), (contents) => {
    const latin = new TextDecoder("latin1");
    const texts = contents.map((bytes) => String.fromCharCode(...bytes));
    const body = texts.map((text) => `--x7Qz\r\nA: 1\r\n\r\n${text}\r\n`).join("") + "--x7Qz--\r\n";
    const bytes = Uint8Array.from(body, (character) => character.charCodeAt(0));
    const { parts, odd } = read([bytes], "x7Qz");
    const wanted = contents.map((part) => latin.decode(part));
    assertEquals(parts.map(([, text]) => text), wanted);
    assertEquals(odd.size, 0);
  }));
});
