import { assertEquals } from "@std/assert";
import { COUNTRIES, findCountry } from "../../../src/origin/demo/countries.ts";
import { formatSize, formatWeight } from "../../../src/origin/demo/measures.ts";

const country = (code: string) => findCountry(code) ?? COUNTRIES[0];
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

Deno.test("formatSize() is in inches in the United States and in centimetres elsewhere", () => {
  assertEquals(formatSize([290, 410], country("us")), "11.4 × 16.1 in");
  assertEquals(formatSize([290, 410], country("uk")), "29 × 41 cm");
  assertEquals(formatSize([95, 1_405], country("de")), "9,5 × 140,5 cm");
});

Deno.test("formatWeight() takes the unit that suits the weight", () => {
  assertEquals(plain(formatWeight(340, country("us"))), "12 oz");
  assertEquals(plain(formatWeight(2_400, country("us"))), "5.3 lb");
  assertEquals(plain(formatWeight(340, country("fr"))), "340 g");
  assertEquals(plain(formatWeight(2_400, country("fr"))), "2,4 kg");
  assertEquals(plain(formatWeight(1_000, country("uk"))), "1 kg");
});
