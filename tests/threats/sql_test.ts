import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readSql } from "../../src/threats/sql/read.ts";
import { tokenize } from "../../src/threats/sql/tokens.ts";

const types = (text: string) => tokenize(text, 0, 500).types;

Deno.test("tokenize() writes a sentence as letters", () => {
  const sentences: Record<string, string> = {
    "1 or 1=1": "1O1=1",
    "union all select 1,'a'": "UNS1,s",
    "select * from users": "SFw",
    "1/**/and/*x*/2": "1A1",
    "/*!50000union*/select": "US",
    "sleep(5)--": "d(1)c",
    "concat (a)": "f(w)",
    "1 -- x\n2": "11",
    "a' or 'b": "wsw",
    "@@version": "v",
    "`users`.`id`": "w.w",
    "0x41 1e5 .5": "11.1",
    "x'41'": "s",
    "'it''s'": "ss",
    "'a\\'b'": "s",
    "'abc": "t",
    "'a longer rest": "u",
  };
  for (const [text, expected] of Object.entries(sentences)) {
    assertEquals(types(text), expected, text);
  }
});

Deno.test("tokenize() reads any text, to its end or to its bound", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const { types: letters, end } = tokenize(text.toLowerCase(), 0, 10_000);
    assert(letters.length <= text.length + 1);
    assert(end >= text.toLowerCase().length);
  }));
  assertEquals(tokenize("1,".repeat(1_000), 0, 100).types.length, 100);
});

Deno.test("readSql() finds an injection behind any number of harmless statements", () => {
  const front = "0; show warnings; set x; show status; do 1; ".repeat(20);
  assert(readSql(`${front} 1' or '1'='1`).length > 0);
  assert(readSql(`${"it's fine. ".repeat(5)}' union select 1,2--`).length > 0);
});

Deno.test("readSql() tries as many quotes as it must, and at most 200", () => {
  const behind = (count: number) => readSql(`${"'= ".repeat(count)} ' or 1=1 --`).length > 0;
  assert(behind(100));
  assert(
    !readSql(`${"'= ".repeat(2_000)} ' union select 1`).some(({ rule }) => rule.id === "union"),
  );
});
