import { assertEquals, assertStringIncludes } from "@std/assert";
import { Nothing } from "../../../../src/origin/demo/pages/nothing.tsx";
import { countryOf } from "./_pages.ts";

Deno.test("Nothing shows words, a way on, and a picture that needs no words", () => {
  const country = countryOf("de");
  const html = String(Nothing({ country, picture: "mara-mug", children: "Leer", role: "status" }));
  assertEquals(html.indexOf("Leer") < html.indexOf(`href="/de/products"`), true);
  assertStringIncludes(html, "Zu allen Produkten");
  assertStringIncludes(html, `alt=""`);
  assertStringIncludes(html, `role="status"`);
});
