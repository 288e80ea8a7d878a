import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { checkCheckout, FIELD_MAX, textFieldsOf } from "../../../src/origin/demo/checkout.ts";
import { COUNTRIES, findCountry } from "../../../src/origin/demo/countries.ts";
import { US_CHECKOUT } from "./_shop.ts";

const us = COUNTRIES[0];
const country = (code: string) => findCountry(code) ?? us;

/** What is said about each field. */
function complaints(fields: unknown, code = "us"): Record<string, string> {
  const result = checkCheckout(fields, country(code));
  return result.ok
    ? {}
    : Object.fromEntries(result.errors.map(({ pointer, detail }) => [pointer, detail]));
}

Deno.test("checkCheckout() accepts a form that is right", () => {
  assertEquals(checkCheckout(US_CHECKOUT, us), { ok: true, checkout: US_CHECKOUT });
});

Deno.test("checkCheckout() accepts every country's own example", () => {
  for (const { code, postcode, payments } of COUNTRIES) {
    const fields = {
      ...US_CHECKOUT,
      postcode: postcode.example,
      payment_method: payments[0],
    };
    assertEquals(complaints(fields, code), {}, code);
  }
});

Deno.test("checkCheckout() trims, and writes accents one way", () => {
  const result = checkCheckout({ ...US_CHECKOUT, name: "  Ame\u0301lie \n", extra: "x" }, us);
  assertEquals(result.ok && result.checkout.name, "Amélie");
  assertEquals(result.ok && "extra" in result.checkout, false);
});

Deno.test("checkCheckout() names every missing field once, in the country's language", () => {
  assertEquals(complaints({}), {
    "/name": "Please fill this in.",
    "/email": "Please fill this in.",
    "/street": "Please fill this in.",
    "/city": "Please fill this in.",
    "/region": "Please fill this in.",
    "/postcode": "Please fill this in.",
    "/payment_method": "Please choose how to pay.",
  });
  const german = complaints({ name: "  ", street: 5, email: null }, "de");
  assertEquals(german["/name"], "Bitte ausfüllen.");
  assertEquals(german["/street"], "Bitte ausfüllen.");
  assertEquals(Object.keys(german).length, 6);
});

Deno.test("checkCheckout() asks for a region only where addresses have one", () => {
  const { region: _, ...fields } = US_CHECKOUT;
  assertEquals(Object.keys(complaints(fields)), ["/region"]);
  const german = { ...fields, postcode: "10115", payment_method: "invoice" };
  const result = checkCheckout({ ...german, region: "Bayern" }, country("de"));
  assertEquals(result.ok && result.checkout.region, "");
});

Deno.test("checkCheckout() says what a postcode looks like", () => {
  for (const postcode of ["1234", "123456", "ABCDE", "10001-12", "10001;"]) {
    assertEquals(
      complaints({ ...US_CHECKOUT, postcode })["/postcode"],
      "Please write it like 10001.",
    );
  }
  const uk = { ...US_CHECKOUT, payment_method: "card" };
  for (const postcode of ["SW1A 1AA", "sw1a1aa", "M1 1AE", "EC1A 1BB"]) {
    assertEquals(complaints({ ...uk, postcode }, "uk"), {}, postcode);
  }
});

Deno.test("checkCheckout() takes only the ways to pay of the country", () => {
  assertEquals(Object.keys(complaints({ ...US_CHECKOUT, payment_method: "pix" })), [
    "/payment_method",
  ]);
  const brazil = { ...US_CHECKOUT, postcode: "01310-100", payment_method: "pix" };
  assertEquals(complaints(brazil, "br"), {});
});

Deno.test("checkCheckout() refuses addresses no mail would reach", () => {
  for (
    const email of ["nobody", "a@", "@b.co", "a b@c.de", "a@b", "a@b..co", "a@b.co\r\nBcc: x@y.z"]
  ) {
    assertEquals(Object.keys(complaints({ ...US_CHECKOUT, email })), ["/email"], email);
  }
});

Deno.test("checkCheckout() holds every field to its length", () => {
  for (const field of textFieldsOf(us)) {
    const max = FIELD_MAX[field];
    const found = complaints({ ...US_CHECKOUT, [field]: "x".repeat(max + 1) });
    assertEquals(found[`/${field}`], `Please use at most ${max} characters.`, field);
  }
  assertEquals(complaints({ ...US_CHECKOUT, name: "x".repeat(FIELD_MAX.name) }), {});
});

Deno.test("checkCheckout() refuses control characters", () => {
  for (const name of ["A\u0000B", "A\nB", "A\u001b[31m"]) {
    assertEquals(Object.keys(complaints({ ...US_CHECKOUT, name })), ["/name"]);
  }
});

Deno.test("checkCheckout() survives whatever is sent", () => {
  fc.assert(fc.property(fc.anything(), fc.constantFrom(...COUNTRIES), (fields, any) => {
    assertEquals(typeof checkCheckout(fields, any).ok, "boolean");
  }));
});

Deno.test("textFieldsOf() follows the order of the country's addresses", () => {
  assertEquals(textFieldsOf(country("jp")), [
    "name",
    "email",
    "postcode",
    "region",
    "city",
    "street",
  ]);
  assertEquals(textFieldsOf(country("de")), ["name", "email", "street", "postcode", "city"]);
});
