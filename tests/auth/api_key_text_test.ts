import { assert, assertEquals, assertMatch } from "@std/assert";
import { crc32 } from "node:zlib";
import { isApiKeyText, newApiKeyText } from "../../src/auth/api_key_text.ts";
import { toBase62 } from "../../src/auth/secrets.ts";

Deno.test("newApiKeyText() ends with the CRC-32 that other tools compute", () => {
  const key = newApiKeyText();
  assertMatch(key, /^gh_live_[0-9A-Za-z]{38}$/);
  assertEquals(key.slice(-6), toBase62(crc32(key.slice(0, -6)), 6));
});

Deno.test("isApiKeyText() refuses a key with any character altered", () => {
  const key = newApiKeyText();
  assert(isApiKeyText(key));
  for (let at = 0; at < key.length; at++) {
    const other = key[at] === "a" ? "b" : "a";
    assertEquals(isApiKeyText(key.slice(0, at) + other + key.slice(at + 1)), false);
  }
  for (const text of ["", "gh_live_", `gh_live_${"0".repeat(38)}`, `${key}0`, key.slice(0, -1)]) {
    assertEquals(isApiKeyText(text), false);
  }
});
