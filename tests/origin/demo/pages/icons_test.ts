import { assertStringIncludes } from "@std/assert";
import { Icon, Mark, Star } from "../../../../src/origin/demo/pages/icons.tsx";

Deno.test("icons say nothing to a screen reader and are not stopped at", () => {
  for (const icon of [Icon({ name: "cart" }), Star(), Mark()]) {
    assertStringIncludes(String(icon), `aria-hidden="true" focusable="false"`);
  }
});
