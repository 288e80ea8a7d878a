import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createReplay } from "../../../routes/endpoint/replay.ts";
import { AppError } from "../../../src/errors/app_error.ts";
import { HOUR, MINUTE } from "../../../src/time.ts";
import { createFaultKv } from "../../_fault_kv.ts";
import { codeOf, openIdentityApp, PASSWORD } from "../_identity_app.ts";

const USERS = "/api/v1/auth/users";
const newUser = (name: string) => ({ email: `${name}@shop.example`, password: PASSWORD });

Deno.test("a write with an Idempotency-Key is done once", async (t) => {
  await using app = await openIdentityApp();
  const { token } = await app.person("admin");
  const create = (key: string, json: unknown, as = token) =>
    app.post(USERS, { token: as, json, headers: { "idempotency-key": key } });

  await t.step("sent again it is answered the same, field by field", async () => {
    const first = await create("once", newUser("one"));
    const second = await create("once", newUser("one"));
    assertEquals([first.status, second.status, second.text], [201, 201, first.text]);
    assertEquals(second.headers.get("content-type"), first.headers.get("content-type"));
    assertNotEquals(second.headers.get("x-request-id"), first.headers.get("x-request-id"));
    const { items } = (await app.get(`${USERS}?limit=200`, { token })).json();
    assertEquals((items as unknown[]).length, 2);
  });

  await t.step("the same key with another body is refused", async () => {
    assertEquals(codeOf(await create("once", newUser("two"))), "IDEMPOTENCY_KEY_REUSED");
  });

  await t.step("another caller's key of the same text is another key", async () => {
    const other = await app.person("admin", "other-admin");
    assertEquals((await create("once", newUser("three"), other.token)).status, 201);
  });

  await t.step("a failed write may be tried again with the same key", async () => {
    const taken = newUser("one");
    assertEquals(codeOf(await create("again", taken)), "EMAIL_TAKEN");
    assertEquals(codeOf(await create("again", taken)), "EMAIL_TAKEN");
    assertEquals((await create("again", newUser("four"))).status, 201);
  });

  await t.step("two at once make one account", async () => {
    const both = await Promise.all([1, 2].map(() => create("race", newUser("five"))));
    const codes = both.map(codeOf).sort();
    assertEquals(codes.filter((code) => code === 201).length, 1, codes.join());
    assert(codes.every((code) => code === 201 || code === "IDEMPOTENCY_KEY_IN_USE"), codes.join());
    const late = both.find(({ status }) => status === 409);
    if (late) assertEquals(late.headers.get("retry-after"), "1");
  });

  await t.step("a key has 1 to 255 visible characters", async () => {
    for (const key of ["", "two words", "é", "k".repeat(256)]) {
      assertEquals(codeOf(await create(key, newUser("six"))), "MALFORMED_REQUEST", key);
    }
    assertEquals((await create("k".repeat(255), newUser("six"))).status, 201);
  });

  await t.step("nothing is kept of the password that was sent", () => {
    assert(!app.logged.join("\n").includes(PASSWORD));
  });
});

Deno.test("an answer is kept for a day, a write that never ended for a minute", async () => {
  await using app = await openIdentityApp();
  const { idempotency, clock } = { ...app.services, clock: app.clock };
  const attempt = { scope: "acc_1 POST /x", key: "k", content: "{}" };
  const begin = async () => await idempotency.begin(attempt);
  assertEquals((await begin()).state, "new");
  assertEquals((await begin()).state, "running");
  clock.turn(MINUTE);
  const second = await begin();
  assert(second.state === "new", "the first died with its isolate");
  await second.finish({ status: 201, headers: [], body: "made" });
  clock.turn(24 * HOUR - 1);
  assertEquals((await begin()).state, "done");
  clock.turn(1);
  assertEquals((await begin()).state, "new");
});

Deno.test("an answer that could not be kept is given all the same", async () => {
  using raw = await createFaultKv();
  await using app = await openIdentityApp({ rawKv: raw });
  const { idempotency, log } = app.services;
  const replay = createReplay({ idempotency, log });
  const caller = {
    user: { id: "acc_1", expiresAt: Infinity, roles: [], realm: "gatehouse" },
    actor: { id: "acc_1", requestId: "r" },
  } as const;
  const request = new Request("http://gate.example/x", { headers: { "idempotency-key": "k" } });
  const endpoint = { method: "POST", path: "/x" } as const;
  const answer = await replay(endpoint, {}, {}, caller, request, () => {
    raw.inject({ error: 1 });
    return Promise.resolve(new Response("made", { status: 201 }));
  });
  raw.heal();
  assertEquals([answer.status, await answer.text()], [201, "made"]);
  assert(app.logged.some((line) => line.includes("idempotency.not_kept")));
});

Deno.test("while KV is out a write with a key is not begun", async () => {
  using raw = await createFaultKv();
  await using app = await openIdentityApp({ rawKv: raw });
  const replay = createReplay(app.services);
  raw.inject({ error: 1 });
  let begun = false;
  const request = new Request("http://gate.example/x", { headers: { "idempotency-key": "k" } });
  const caller = {
    user: { id: "acc_1", expiresAt: Infinity, roles: [], realm: "gatehouse" },
    actor: { id: "acc_1", requestId: "r" },
  } as const;
  const error = await replay({ method: "POST", path: "/x" }, {}, {}, caller, request, () => {
    begun = true;
    return Promise.resolve(new Response());
  }).catch((error) => error);
  raw.heal();
  assertEquals(begun, false);
  assert(error instanceof AppError && error.spec.status === 503, String(error));
});
