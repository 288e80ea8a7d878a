import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { findHeadEnd, MalformedAnswer, parseAnswerHead } from "../../src/origin/answer_head.ts";
import { bytesOf } from "./_socket.ts";

const parse = (text: string, method = "GET") => parseAnswerHead(text, method);
const ok = (...fields: string[]) =>
  `HTTP/1.1 200 OK\r\n${fields.map((f) => `${f}\r\n`).join("")}\r\n`;

Deno.test("parseAnswerHead reads status, fields and length", () => {
  assertEquals(parse(ok("Content-Length: 5", "X-A:  b c ", "x-a:")), {
    status: 200,
    fields: [["content-length", "5"], ["x-a", "b c"], ["x-a", ""]],
    length: { until: "length", bytes: 5 },
    keepAlive: true,
  });
});

Deno.test("parseAnswerHead finds the end of every kind of body", () => {
  const none = { until: "length", bytes: 0 } as const;
  assertEquals(parse(ok("Transfer-Encoding: Chunked")).length, { until: "last-chunk" });
  assertEquals(parse(ok()).length, { until: "close" });
  assertEquals(parse(ok("Content-Length: 5"), "HEAD").length, none);
  assertEquals(parse(ok("Transfer-Encoding: chunked"), "HEAD").length, none);
  for (const status of [100, 101, 204, 304]) {
    assertEquals(parse(`HTTP/1.1 ${status} X\r\nContent-Length: 5\r\n\r\n`).length, none);
  }
});

Deno.test("parseAnswerHead keeps a connection only when both sides want to", () => {
  const sized = "Content-Length: 0";
  assertEquals(parse(ok(sized)).keepAlive, true);
  assertEquals(parse(ok(sized, "Connection: close")).keepAlive, false);
  assertEquals(parse(ok(sized, "Connection: X-A", "Connection: Close")).keepAlive, false);
  assertEquals(parse(ok()).keepAlive, false);
  assertEquals(parse(`HTTP/1.0 200 OK\r\n${sized}\r\n\r\n`).keepAlive, false);
  const kept = `HTTP/1.0 200 OK\r\n${sized}\r\nConnection: Keep-Alive\r\n\r\n`;
  assertEquals(parse(kept).keepAlive, true);
});

Deno.test("parseAnswerHead trusts chunks over a length, and the connection no more", () => {
  const { fields, length, keepAlive } = parse(
    ok("Content-Length: 5", "Transfer-Encoding: chunked"),
  );
  assertEquals([length.until, keepAlive], ["last-chunk", false]);
  assertEquals(fields, [["transfer-encoding", "chunked"]]);
});

Deno.test("parseAnswerHead overlooks what differs in looks only", () => {
  assertEquals(parse("HTTP/1.1 200\nA: b\n\n").fields, [["a", "b"]]);
  assertEquals(parse(ok("A: b", " c", "\td")).fields, [["a", "b c d"]]);
  assertEquals(parse(ok("A : b")).fields, [["a", "b"]]);
  assertEquals(parse(ok("A: caf\xc3\xa0")).fields, [["a", "caf\xc3\xa0"]]);
});

Deno.test("parseAnswerHead reads control characters as spaces, but for framing", () => {
  for (let byte = 0; byte < 0x20; byte++) {
    const char = String.fromCharCode(byte);
    if ("\0\t\n\r".includes(char)) continue;
    assertEquals(parse(ok(`A: ${char}b${char}${char}c${char}`)).fields, [["a", "b c"]]);
    assertEquals(parse(ok("A: b", ` c${char}d`)).fields, [["a", "b c d"]]);
    for (const field of ["Content-Length: 5", "Transfer-Encoding: chunked", "Connection: close"]) {
      assertThrows(() => parse(ok(`${field}${char}`)), MalformedAnswer);
      assertThrows(() => parse(ok(field, ` ${char}`)), MalformedAnswer);
    }
  }
  assertEquals(parse(ok("Location: /\x7fhome")).fields, [["location", "/ home"]]);
});

Deno.test("parseAnswerHead refuses what could be read in two ways", () => {
  const heads = [
    "HTTP/2 200 OK\r\n\r\n",
    "HTTP/1.1 20 OK\r\n\r\n",
    "HTTP/1.1 600 Odd\r\n\r\n",
    "HTTP/1.1 099 Odd\r\n\r\n",
    "http/1.1 200 OK\r\n\r\n",
    " HTTP/1.1 200 OK\r\n\r\n",
    "",
    ok("No colon"),
    ok(": no name"),
    ok("Na me: x"),
    ok("A\0: x"),
    ok("A: x\0"),
    ok("A: x\ry"),
    ok("A: x", " y\0"),
    ok("A: x", " y\rz"),
    ok("Content-Length: 5", "Content-Length: 5"),
    ok("Content-Length: 5, 5"),
    ok("Content-Length: +5"),
    ok("Content-Length: 5x"),
    ok("Content-Length: "),
    ok("Content-Length: 9999999999999999"),
    ok("Transfer-Encoding: gzip"),
    ok("Transfer-Encoding: gzip, chunked"),
    ok("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
    ok("Transfer-Encoding: \x0bchunked"),
  ];
  for (const head of heads) assertThrows(() => parse(head), MalformedAnswer, "Cannot", head);
});

Deno.test("parseAnswerHead throws nothing but MalformedAnswer, whatever it reads", () => {
  const line = fc.string({ unit: "binary-ascii", maxLength: 30 });
  fc.assert(fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
    try {
      const { status } = parse(`HTTP/1.1 200 OK\r\n${lines.join("\r\n")}\r\n\r\n`);
      assertEquals(status, 200);
    } catch (error) {
      assertEquals(error instanceof MalformedAnswer, true);
    }
  }));
});

Deno.test("findHeadEnd finds the first empty line", () => {
  const found = (text: string) => findHeadEnd(bytesOf(text));
  assertEquals(found("a\r\nb\r\n\r\nc\r\n\r\n"), 8);
  assertEquals(found("a\nb\n\nc"), 5);
  assertEquals(found("a\r\n\nc"), 4);
  assertEquals(found("a\n\r\nc"), 4);
  for (const text of ["", "a\r\n", "a\r\n\r", "\r\r\r", "a\r\nb"]) {
    assertEquals(found(text), -1, text);
  }
});
