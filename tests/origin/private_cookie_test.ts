/** The gate's own cookie as browsers and origins may read it, however it is spelled. */
import { assertEquals } from "@std/assert";
import { setsCookie, withoutCookie } from "../../src/origin/private_cookie.ts";
import { headersForClient } from "../../src/origin/hop_headers.ts";

const NAME = "__Host-gate";

/** Each names the private cookie: RFC 6265bis trims blanks and lets a cookie have no name. */
const SPELLINGS = [
  "__Host-gate=x",
  " __Host-gate=x",
  "\t__Host-gate=x",
  "__Host-gate =x",
  "__Host-gate\t=x",
  "__Host-gate \t = x",
  "  __Host-gate  =  x",
  '"__Host-gate"=x',
  '"__Host-gate" = "x"',
  "=__Host-gate=x",
  "= __Host-gate=x",
  " =\t__Host-gate =x",
  "==__Host-gate=x",
  "__Host-gate",
  "=__Host-gate",
  "__Host-gate=",
  "\u0001__Host-gate=x",
  "__Host-gate\u007f=x",
  "\u000b__Host-gate\u000c=x",
  "\u00a0__Host-gate\u00a0=x",
];

/** Cookies of the site, whose names only look like it. */
const OTHERS = [
  "__Host-gateway=x",
  "x__Host-gate=x",
  "__Host-gat=x",
  "__host-gate=x",
  "__Host-gate.y=x",
  "a=__Host-gate",
  "a=b=__Host-gate=x",
  "a=__Host-gate=x",
];

Deno.test("withoutCookie() takes the cookie out of a Cookie field, however it is spelled", () => {
  for (const spelling of SPELLINGS) {
    assertEquals(withoutCookie(spelling, NAME), "", spelling);
    assertEquals(withoutCookie(`a=1; ${spelling}; b=2`, NAME), "a=1; b=2", spelling);
    assertEquals(withoutCookie(`a=1;${spelling};b=2`, NAME), "a=1; b=2", spelling);
    // More of them, and a second field as the runtime may join it to the first.
    assertEquals(withoutCookie(`${spelling};a=1; ${spelling}`, NAME), "a=1", spelling);
    assertEquals(withoutCookie(`a=1, ${spelling}; b=2`, NAME), "a=1; b=2", spelling);
  }
});

Deno.test("withoutCookie() leaves the cookies of the site as they are", () => {
  const plain = "a=1;  b=2 ; c";
  assertEquals(withoutCookie(plain, NAME), plain);
  assertEquals(withoutCookie(`a=1; ${NAME}=x`, undefined), `a=1; ${NAME}=x`);
  for (const other of OTHERS) {
    assertEquals(withoutCookie(`a=1, 2; ${other}`, NAME), `a=1, 2; ${other}`, other);
  }
});

Deno.test("setsCookie() knows the cookie in a Set-Cookie, however it is spelled", () => {
  for (const spelling of SPELLINGS) {
    assertEquals(setsCookie(spelling, NAME), true, spelling);
    assertEquals(setsCookie(`${spelling}; Path=/; Secure`, NAME), true, spelling);
    assertEquals(setsCookie(`a=1; Path=/, ${spelling}; Secure`, NAME), true, spelling);
  }
  for (const other of OTHERS) {
    assertEquals(setsCookie(`${other}; Path=/; Expires=Sat, 28 Nov 2026`, NAME), false, other);
  }
  // An attribute that browsers do not know, not a cookie.
  assertEquals(setsCookie("a=1; __Host-gate=x", NAME), false);
  assertEquals(setsCookie("__Host-gate=x", undefined), false);
});

Deno.test("headersForClient lets no spelling of the gate's cookie through", () => {
  for (const spelling of SPELLINGS) {
    const fields = [["set-cookie", "a=1"], ["set-cookie", `${spelling}; Path=/`]] as const;
    assertEquals(headersForClient(fields, NAME).getSetCookie(), ["a=1"], spelling);
  }
});

Deno.test("a long field of nothing but near misses is read in one go", () => {
  const hostile = `${" ".repeat(60_000)}__Host-gate${"=".repeat(2_000)}${" ,;".repeat(1_000)}`;
  assertEquals(withoutCookie(`b=${hostile}`, NAME).startsWith("b="), true);
  assertEquals(setsCookie(hostile, NAME), true);
});
