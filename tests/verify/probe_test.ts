import { assert, assertEquals, assertRejects } from "@std/assert";
import { SECOND, systemClock } from "../../src/time.ts";
import { createProbe, ProbeError } from "../../src/verify/probe.ts";
import { createTestClock } from "../_clock.ts";
import { serveSite } from "./_sites.ts";

Deno.test("probe.ask() reads 256 KiB of an endless answer and leaves", async () => {
  await using site = serveSite(() =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(16_384).fill(65)),
      }),
    )
  );
  const probe = createProbe({ fetch, clock: systemClock });
  const { text } = await probe.ask(site.url);
  assert(text.length >= 256 * 1024 && text.length < 600 * 1024, `${text.length} bytes`);
});

Deno.test("probe.ask() waits as long as it was told", async () => {
  const held = Promise.withResolvers<Response>();
  await using site = serveSite(() => held.promise);
  const probe = createProbe({ fetch, clock: systemClock, timeoutMs: 30 });
  await assertRejects(() => probe.ask(site.url), ProbeError, "No answer from");
  held.resolve(new Response());
});

Deno.test("probe.ask() refuses the 4th request of 3, and all after the time", async () => {
  const clock = createTestClock();
  const answered = () => Promise.resolve(new Response("hello"));
  const url = new URL("http://shop.example/");
  const few = createProbe({ fetch: answered, clock, requestsMax: 3 });
  for (let i = 0; i < 3; i++) await few.ask(url);
  await assertRejects(() => few.ask(url), ProbeError, "Not asked after 3 requests");
  const late = createProbe({ fetch: answered, clock, totalMs: 60 * SECOND });
  clock.turn(60 * SECOND);
  await assertRejects(() => late.ask(url), ProbeError, "Not asked after 60 seconds");
  assertEquals([few.requests, late.requests], [3, 0]);
});
