/**
 * What a long text is looked through for: every beginning is found among its decoys, whatever sign it
 * begins with, because a sign that is skipped by its next character is a hole in all that is long.
 */
import { assert, assertEquals } from "@std/assert";
import { BORDER, BY_SIGN, NEXT_TO_SIGN } from "../../src/threats/beginnings.ts";
import { spotsOf } from "../../src/threats/spots.ts";

const quoted = (quote: string) =>
  [
    "or 1",
    " or 1",
    ") or 1",
    "and 1",
    "xor 1",
    "having 1",
    "like '",
    "||",
    "&&",
    "; -- ",
    "; drop ",
  ]
    .concat(["--", "union", "waitfor", "group by", "order by", "where"])
    .map((text) => quote + text);
const commands = (sign: string) =>
  ["cat", " ls", "(id", "/bin/sh", ".x/id", "\tid"].map((c) => sign + c);

/** One for each way on that an expression knows. */
const FOUND: Readonly<Record<string, readonly string[]>> = {
  "<": "script svg math iframe object embed !entity ?php ?= %= esi: xsl: !--# /script".split(" ")
    .concat("meta ", "base ", "link ", "form ", " script", "style>a url", "%@").map((t) => `<${t}`),
  "'": quoted("'"),
  '"': quoted('"'),
  ";": [...commands(";"), "; drop", ";select"],
  "|": commands("|"),
  "&": commands("&"),
  "`": commands("`"),
  "\n": ["\nid -", "\n/bin/id /", "\nset-cookie:", "\nlocation:", "\ncontent-type:", "\nhttp/1 "]
    .concat("\nrefresh:", "\nx-ab:", "\ncc:", "\nbcc:"),
  "$": ["$(id", "$ifs", "${ifs", "${jndi", "${7", "${a(", "$_get"].concat(
    "ne gt gte lt lte nin where regex exists elemmatch expr function".split(" ").map((t) =>
      `$${t}=`
    ),
  ),
  "#": ["#{7", "#{ '", "#{a("],
  "*": ["*{7", "*)("],
  "%": ["%{7", "%{#a"],
  "@": ["@{7", "@@v"],
  "~": ["~{7"],
  "{": [
    "{{7",
    "{{ config",
    "{% if",
    "{%import",
    "{php",
    "{literal",
    "{system",
    "{smarty",
    "{$smarty",
  ],
  "(": ["() {", "(){"],
  ")": [")(&", ") ( |", ")(a="],
  ".": ["../../", "..;/", ".../\\", ".ssh", ".env", ".git", ".htpasswd", ".nip.io", ".sslip.io"]
    .concat(".xip.io"),
  "/": ["/*!", "/dev/tcp"],
};

Deno.test("every sign that attacks begin with says what follows it", () => {
  assertEquals(Object.keys(NEXT_TO_SIGN).sort(), [...BY_SIGN.keys()].sort());
  assertEquals(Object.keys(FOUND).sort(), [...BY_SIGN.keys()].sort());
});

for (const [sign, beginnings] of Object.entries(FOUND)) {
  Deno.test(`a beginning with ${JSON.stringify(sign)} is found, whatever goes on`, () => {
    for (const beginning of beginnings) {
      const decoys = `${sign}= `.repeat(50);
      const { texts } = spotsOf(`${decoys}${BORDER}${beginning}${BORDER}${decoys}`);
      const found = texts.some((text) => text.includes(beginning));
      assert(found, `${JSON.stringify(beginning)}: ${JSON.stringify(texts)}`);
    }
  });
}
