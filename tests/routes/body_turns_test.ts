import { assertEquals } from "@std/assert";
import { createBodyTurns } from "../../routes/body_turns.ts";

Deno.test("turns come in order, and a page is served between any two of them", async () => {
  const turn = createBodyTurns();
  const seen: string[] = [];
  const bodies = [1, 2, 3].map(async (body) => {
    await turn();
    seen.push(`body ${body}`);
    // What came in while that body was examined.
    setTimeout(() => seen.push(`page ${body}`), 0);
  });
  await Promise.all(bodies);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(seen, ["body 1", "page 1", "body 2", "page 2", "body 3", "page 3"]);
});
