import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { findStep, stepOf, toBase32, totpCode } from "../../src/auth/totp.ts";

const SECRET = new TextEncoder().encode("12345678901234567890");

Deno.test("totpCode() answers the vectors of RFC 6238 appendix B", () => {
  const vectors = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
  };
  for (const [seconds, code] of Object.entries(vectors)) {
    assertEquals(totpCode(SECRET, stepOf(Number(seconds) * 1_000), 8), code);
    assertEquals(totpCode(SECRET, stepOf(Number(seconds) * 1_000)), code.slice(2));
  }
});

Deno.test("findStep() takes the codes of this step and the ones beside it, each once", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 2 ** 31 }),
      fc.integer({ min: -4, max: 4 }),
      (step, aside) => {
        const code = totpCode(SECRET, step + aside);
        const found = findStep(SECRET, code, step * 30_000, 0);
        // One in a million codes is that of a neighbour too.
        if (Math.abs(aside) <= 1) assertEquals(totpCode(SECRET, found!), code);
        if (found !== undefined) {
          assertEquals(
            findStep(SECRET, code, step * 30_000, step + 1),
            undefined,
          );
        }
      },
    ),
  );
  assertEquals(findStep(SECRET, totpCode(SECRET, 1_002), 1_000 * 30_000, 0), undefined);
});

Deno.test("toBase32() answers the vectors of RFC 4648, without padding", () => {
  const vectors = {
    "": "",
    f: "MY",
    fo: "MZXQ",
    foo: "MZXW6",
    foob: "MZXW6YQ",
    fooba: "MZXW6YTB",
    foobar: "MZXW6YTBOI",
  };
  for (const [text, encoded] of Object.entries(vectors)) {
    assertEquals(toBase32(new TextEncoder().encode(text)), encoded);
  }
});
