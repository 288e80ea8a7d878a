import { assertEquals, assertStrictEquals } from "@std/assert";
import { numberFormat, pluralRules, regionNames } from "../../../src/origin/demo/formats.ts";

Deno.test("numberFormat() builds one format for each locale and way", () => {
  const percent = numberFormat("de-DE", "percent", { style: "percent" });
  assertStrictEquals(numberFormat("de-DE", "percent", { style: "percent" }), percent);
  assertEquals(numberFormat("de-DE", "plain").format(0.5), "0,5");
  assertEquals(numberFormat("en-US", "percent", { style: "percent" }).format(0.5), "50%");
});

Deno.test("regionNames() and pluralRules() are built once for each locale", () => {
  assertStrictEquals(regionNames("fr-FR"), regionNames("fr-FR"));
  assertEquals(regionNames("fr-FR").of("DE"), "Allemagne");
  assertStrictEquals(pluralRules("ja-JP"), pluralRules("ja-JP"));
  assertEquals(pluralRules("ja-JP").select(1), "other");
});
