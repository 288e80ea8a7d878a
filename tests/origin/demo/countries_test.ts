import { assertEquals } from "@std/assert";
import { catalog } from "../../../fixtures/shop/catalog.ts";
import {
  COUNTRIES,
  findCountry,
  guessCountry,
  PAYMENT_METHODS,
} from "../../../src/origin/demo/countries.ts";

const codes = COUNTRIES.map(({ code }) => code);

Deno.test("COUNTRIES are the seven of the specification", () => {
  assertEquals(codes, ["us", "uk", "de", "fr", "jp", "br", "in"]);
});

Deno.test("COUNTRIES have a real locale, region and currency each", () => {
  for (const { locale, region, currency, decimals } of COUNTRIES) {
    assertEquals(Intl.NumberFormat.supportedLocalesOf(locale), [locale]);
    assertEquals(new Intl.Locale(locale).region, region);
    const options = new Intl.NumberFormat(locale, { style: "currency", currency })
      .resolvedOptions();
    assertEquals(options.maximumFractionDigits, decimals, `${currency} has ${decimals} decimals`);
  }
});

Deno.test("COUNTRIES ask for a postcode that their own example satisfies", () => {
  for (const { code, postcode } of COUNTRIES) {
    assertEquals(postcode.pattern.test(postcode.example), true, code);
    assertEquals(postcode.pattern.test("not a postcode"), false, code);
  }
});

Deno.test("COUNTRIES offer at least three ways to pay, none twice, all of the list", () => {
  for (const { code, payments } of COUNTRIES) {
    assertEquals(payments.length >= 3, true, code);
    assertEquals(new Set(payments).size, payments.length, code);
    assertEquals(payments.every((method) => PAYMENT_METHODS.includes(method)), true, code);
  }
  const offered = new Set(COUNTRIES.flatMap(({ payments }) => payments));
  assertEquals(PAYMENT_METHODS.filter((method) => !offered.has(method)), []);
});

Deno.test("COUNTRIES are shown by pictures of products that exist, each its own", () => {
  const ids = new Set<string>(catalog.map(({ id }) => id));
  assertEquals(COUNTRIES.filter(({ picture }) => !ids.has(picture)), []);
  assertEquals(new Set(COUNTRIES.map(({ picture }) => picture)).size, COUNTRIES.length);
});

Deno.test("findCountry() takes a code in any case and nothing else", () => {
  for (const code of codes) {
    assertEquals(findCountry(code)?.code, code);
    assertEquals(findCountry(code.toUpperCase())?.code, code);
  }
  for (const other of ["", "gb", "usa", "xx", "us ", "constructor", "__proto__"]) {
    assertEquals(findCountry(other), undefined, other);
  }
});

Deno.test("guessCountry() follows the region first, then the language, in the order given", () => {
  const guesses: readonly (readonly [string | undefined, string | undefined])[] = [
    ["en-US,en;q=0.9", "us"],
    ["en-GB", "uk"],
    ["en-IN,hi;q=0.9", "in"],
    ["en", "us"],
    ["en-AU", "us"],
    ["de", "de"],
    ["de-AT", "de"],
    ["fr-CA", "fr"],
    ["pt-PT", "br"],
    ["ja", "jp"],
    ["zh-Hant-JP", "jp"],
    ["ko-KR,ja;q=0.8", "jp"],
    ["hi-IN", "in"],
    ["ko", undefined],
    ["*", undefined],
    ["", undefined],
    [undefined, undefined],
    [",,;;--,", undefined],
  ];
  for (const [header, expected] of guesses) {
    assertEquals(guessCountry(header)?.code, expected, header);
  }
});

Deno.test("guessCountry() reads no more of a header than browsers send", () => {
  assertEquals(guessCountry("ko,".repeat(10_000) + "de"), undefined);
});
