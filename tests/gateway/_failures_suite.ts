/** What a client sees when the origin fails: an answer that says so, or a connection cut short. */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { systemClock } from "../../src/time.ts";
import { ask, Line, type Reply } from "./_client.ts";
import { freePort, type StartGateway, startOrigin, startRawOrigin } from "./_process.ts";

function assertProblem(reply: Reply, status: number, code: string, message: string): void {
  assertEquals(reply.status, status, message);
  assertMatch(reply.field("content-type") ?? "", /^application\/problem\+json/);
  const problem = JSON.parse(reply.text);
  assertEquals([problem.status, problem.code], [status, code], message);
  assert(problem.request_id, message);
}

const UNREADABLE = [
  "/says-nothing",
  "/half-head",
  "/garbage",
  "/odd-status",
  "/two-lengths",
  "/bad-length",
  "/odd-coding",
  "/odd-field",
  "/unasked-switch",
  "/large-head",
  "/endless-head",
  "/endless-interim",
];

const READABLE: readonly (readonly [path: string, text: string])[] = [
  ["/long-field", "ok"],
  ["/many-fields", "ok"],
  ["/length-and-chunks", "ok"],
  ["/interim", "ok"],
  ["/trailers", "ok"],
  ["/until-close", "until the end"],
  ["/folded", "ok"],
  ["/bare-newlines", "ok"],
  ["/dribbled", "ok"],
  ["/kept", "kept"],
];

/** @param name Says which gateway is tested. */
export function failuresSuite(name: string, start: StartGateway): void {
  Deno.test(`${name} answers 502 for an origin that cannot be understood`, async (t) => {
    await using raw = await startRawOrigin();
    await using gate = await start({ ORIGIN_URL: raw.url, ORIGIN_TIMEOUT_SECONDS: "2" });
    for (const path of UNREADABLE) {
      await t.step(path, async () => {
        assertProblem(await ask(gate.url, path), 502, "ORIGIN_UNREACHABLE", path);
      });
    }
    for (const [path, text] of READABLE) {
      await t.step(`${path} is understood`, async () => {
        const reply = await ask(gate.url, path);
        assertEquals([reply.status, reply.text, reply.complete], [200, text, true]);
        assertEquals([reply.field("trailer"), reply.field("x-sum")], [undefined, undefined]);
      });
    }
    await t.step("/reset-content has no body", async () => {
      const reply = await ask(gate.url, "/reset-content");
      assertEquals([reply.status, reply.text], [204, ""]);
    });
    await t.step("what an origin says unasked is nobody's answer", async () => {
      using line = await Line.open(gate.url);
      assertEquals((await line.ask("/surplus")).text, "ok");
      const next = await line.ask("/kept");
      assertEquals([next.text, next.field("x-evil")], ["kept", undefined]);
    });
    await t.step("a connection the origin closed is not used again", async () => {
      using line = await Line.open(gate.url);
      for (let round = 0; round < 5; round++) {
        assertEquals((await line.ask("/hangs-up-later")).text, "ok");
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
    });
  });

  Deno.test(`${name} cuts the client off where the origin broke off`, async () => {
    await using raw = await startRawOrigin();
    await using gate = await start({ ORIGIN_URL: raw.url });
    for (const path of ["/dies-counted", "/dies-chunked", "/dies-in-chunk", "/resets"]) {
      const reply = await ask(gate.url, path);
      assertEquals([reply.status, reply.complete], [200, false], path);
    }
  });

  Deno.test(`${name} answers 502 for an origin that is down`, async () => {
    await using gate = await start({ ORIGIN_URL: `http://127.0.0.1:${freePort()}` });
    await using lost = await start({ ORIGIN_URL: "http://no-such-host.invalid" });
    for (const { url } of [gate, lost]) {
      assertProblem(await ask(url, "/x"), 502, "ORIGIN_UNREACHABLE", url);
      const posted = await ask(url, "/x", { method: "POST", body: "body" });
      assertProblem(posted, 502, "ORIGIN_UNREACHABLE", url);
    }
  });

  Deno.test(`${name} answers 504 for an origin slow to begin, not for one slow to end`, async () => {
    await using origin = await startOrigin();
    await using gate = await start({ ORIGIN_URL: origin.url, ORIGIN_TIMEOUT_SECONDS: "1" });
    const startedAt = systemClock.monotonic();
    assertProblem(await ask(gate.url, "/slow?ms=4000"), 504, "ORIGIN_TIMEOUT", "/slow");
    assertLess(systemClock.monotonic() - startedAt, 2_000);
    const posted = await ask(gate.url, "/slow?ms=4000", { method: "POST", body: "body" });
    assertProblem(posted, 504, "ORIGIN_TIMEOUT", "POST /slow");
    const reply = await ask(gate.url, "/stream?n=1048576&pause=500");
    assertEquals([reply.status, reply.body.length, reply.complete], [200, 1_048_576, true]);
  });

  Deno.test(`${name} does not blame the origin for a client slow to send`, async () => {
    await using origin = await startOrigin();
    await using gate = await start({ ORIGIN_URL: origin.url, ORIGIN_TIMEOUT_SECONDS: "1" });
    using line = await Line.open(gate.url);
    await line.write("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n");
    for (const piece of ["s", "l", "o", "w"]) {
      await new Promise((resolve) => setTimeout(resolve, 400));
      await line.write(piece);
    }
    assertEquals(JSON.parse((await line.reply()).text).bytes, 4);
  });

  Deno.test(`${name} answers 508 when it is its own origin`, async () => {
    const port = `${freePort()}`;
    await using gate = await start({ PORT: port, ORIGIN_URL: `http://127.0.0.1:${port}` });
    assertProblem(await ask(gate.url, "/x"), 508, "LOOP_DETECTED", "one gate");
    const gates = Array.from({ length: 3 }, (_, i) => ["CDN-Loop", `gatehouse-${i}`] as const);
    assertProblem(await ask(gate.url, "/x", { headers: gates }), 508, "LOOP_DETECTED", "three");
  });
}
