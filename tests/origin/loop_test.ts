import { assertEquals } from "@std/assert";
import { passLoop } from "../../src/origin/loop.ts";

Deno.test("passLoop adds this gate behind the hops before it", () => {
  assertEquals(passLoop(null, "a1"), "gatehouse-a1");
  assertEquals(passLoop("cdn.example; x=1", "a1"), "cdn.example; x=1, gatehouse-a1");
  assertEquals(passLoop("gatehouse-b2", "a1"), "gatehouse-b2, gatehouse-a1");
});

Deno.test("passLoop stops what passed this gate before", () => {
  for (const value of ["gatehouse-a1", "x,  GATEHOUSE-A1 ;v=2, y", "gatehouse-b2, gatehouse-a1"]) {
    assertEquals(passLoop(value, "a1"), undefined, value);
  }
});

Deno.test("passLoop stops what passed three gates, whichever they were", () => {
  assertEquals(passLoop("gatehouse-1,gatehouse-2", "a1"), "gatehouse-1,gatehouse-2, gatehouse-a1");
  assertEquals(passLoop("gatehouse-1,gatehouse-2,gatehouse-3", "a1"), undefined);
});
