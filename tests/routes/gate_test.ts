import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createFailures } from "../../routes/failure.ts";
import { createGate, type Handler } from "../../routes/gate.ts";
import { AppError } from "../../src/errors/app_error.ts";
import { createTestApp, peer, read, type TestApp } from "../_app.ts";
import { createTestClock } from "../_clock.ts";

/** A gate in front of a handler of the test. */
async function ask(app: TestApp, handle: Handler, init: RequestInit = {}) {
  const services = { ...app.services, site: { ...app.services.site, handle } };
  const gate = createGate(services, createFailures(services), () => new Response());
  return await read(await gate(new Request("http://gate.example/x", init), peer("203.0.113.1")));
}

/** Thrown in every way JavaScript knows. */
const thrown: readonly (readonly [name: string, handle: Handler])[] = [
  ["an error", () => {
    throw new Error("secret inside");
  }],
  ["a string", () => {
    throw "secret inside";
  }],
  ["undefined", () => {
    throw undefined;
  }],
  ["a rejected promise", () => Promise.reject(new TypeError("secret inside"))],
  ["a rejected string", () => Promise.reject("secret inside")],
];

for (const [name, handle] of thrown) {
  Deno.test(`a handler that throws ${name} gives 500 problem+json that says nothing`, async () => {
    await using app = await createTestApp();
    const answer = await ask(app, handle);
    assertEquals(answer.status, 500);
    assertEquals(answer.json().code, "INTERNAL_ERROR");
    assert(!answer.text.includes("secret"));
    assertEquals(answer.json().request_id, answer.headers.get("x-request-id"));
    assertEquals(answer.headers.get("x-frame-options"), "DENY");
    const line = app.logged.find((line) => line.includes("request.failed"));
    assertStringIncludes(line ?? "", String(answer.json().request_id));
  });
}

Deno.test("a handler that throws an AppError gives its row of the table", async () => {
  await using app = await createTestApp();
  const answer = await ask(app, () => {
    throw new AppError("CONFLICT", { detail: "Try again.", headers: { "retry-after": "1" } });
  });
  assertEquals([answer.status, answer.json().detail], [409, "Try again."]);
  assertEquals(answer.headers.get("retry-after"), "1");
});

Deno.test("a request is one moment, and time goes on after it, whatever becomes of it", async () => {
  let reads = 0;
  const clock = createTestClock();
  const counting = { ...clock, now: () => (reads++, clock.now()) };
  await using app = await createTestApp({ clock: counting });
  const readsOf = async (handle: Handler) => {
    await ask(app, handle);
    reads = 0;
    const before = app.services.clock.now();
    await ask(app, handle);
    const spent = reads - 1;
    clock.turn(1_000);
    assertEquals(app.services.clock.now() - before, 1_000);
    return spent;
  };
  assertEquals(await readsOf(() => new Response("ok")), 1);
  await readsOf(thrown[0][1]);
  await readsOf(thrown[3][1]);
});

Deno.test("the gate answers without a promise when nobody needs KV", async () => {
  await using app = await createTestApp();
  const handle = () => new Response("ok");
  const services = { ...app.services, site: { ...app.services.site, handle } };
  const gate = createGate(services, createFailures(services), handle);
  const send = () => gate(new Request("http://gate.example/x"), peer("203.0.113.1"));
  await send();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert(send() instanceof Response);
});

Deno.test("the gate knows the user of a token before the handler runs", async () => {
  await using app = await createTestApp();
  let user: string | undefined;
  const headers = { authorization: "Bearer user-token-123" };
  await ask(app, (_request, gate) => {
    user = gate.user?.id;
    return new Response();
  }, { headers });
  assertEquals(user, "user-token");
});
