import { assertEquals } from "@std/assert";
import { mediaTypeOf } from "../../../src/threats/body/media_type.ts";

type Row = readonly [
  contentType: string,
  essence: string,
  charset?: string,
  otherCharsets?: readonly string[],
];

const CHARSETS: readonly Row[] = [
  ["", ""],
  ["  ", ""],
  ["Application/JSON", "application/json"],
  ["application/json; charset=UTF-8", "application/json", "utf-8"],
  ['text/xml;charset="utf-16le"', "text/xml", "utf-16le"],
  ["text/plain; charset=utf-8; charset=utf-16le", "text/plain", "utf-8", ["utf-16le"]],
  ['text/plain; x="charset=utf-16le"', "text/plain", undefined, ["utf-16le"]],
  ["text/plain; xcharset=utf-16le; charset=utf-8", "text/plain", "utf-8", ["utf-16le"]],
  ["text/plain; charset = utf-8", "text/plain", "utf-8"],
  ["text/plain;;; charset=utf-8", "text/plain", "utf-8"],
  ["multipart/form-data; boundary=charset=utf-16le", "multipart/form-data", undefined, [
    "utf-16le",
  ]],
  ["application/json charset=utf-16le", "application/json charset=utf-16le", undefined, [
    "utf-16le",
  ]],
];

Deno.test("mediaTypeOf() takes the first charset by the standard, and keeps the others apart", () => {
  for (const [contentType, essence, charset, otherCharsets = []] of CHARSETS) {
    const type = mediaTypeOf(contentType);
    assertEquals(
      [type.essence, type.charset, type.otherCharsets],
      [essence, charset, otherCharsets],
      contentType,
    );
  }
});

const BOUNDARIES: readonly (readonly [contentType: string, boundaries: readonly string[]])[] = [
  ["multipart/form-data", []],
  ["multipart/form-data; boundary=x", ["x"]],
  ['multipart/form-data; boundary="a b"', ["a b"]],
  ["multipart/form-data; boundary=x-y; charset=utf-8", ["x-y"]],
  ["multipart/form-data; boundary=", [""]],
  ["multipart/form-data; boundary=a; boundary=b", ["a", "b"]],
  ["multipart/form-data; xboundary=a; boundary=b", ["b", "a"]],
  ["multipart/form-data; boundary = a", ["a"]],
  ['multipart/form-data; boundary="a\\"b"', ['a"b', "a\\"]],
  ["multipart/form-data boundary=a", ["a"]],
  [`multipart/form-data; boundary=${"x".repeat(100)}`, ["x".repeat(100)]],
  ["application/json; boundary=x", []],
];

Deno.test("mediaTypeOf() keeps every boundary that somebody may read", () => {
  for (const [contentType, boundaries] of BOUNDARIES) {
    assertEquals(mediaTypeOf(contentType).boundaries, boundaries, contentType);
  }
});

Deno.test("mediaTypeOf() tells a list of types from a comma in a parameter", () => {
  const lists: Record<string, boolean> = {
    "text/plain, application/json": true,
    "text/plain; charset=utf-8, application/json": true,
    "text/plain, text/plain": true,
    'multipart/form-data; boundary="a, b/c"': false,
    "multipart/form-data; boundary=a,b": false,
    "text/plain,": false,
  };
  for (const [contentType, isList] of Object.entries(lists)) {
    assertEquals(mediaTypeOf(contentType).isList, isList, contentType);
  }
});
