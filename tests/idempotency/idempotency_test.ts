/** What is kept of a write that may be sent again: enough to know it, too little to guess it. */
import { assert, assertEquals } from "@std/assert";
import { createHash, createHmac } from "node:crypto";
import { type Attempt, createIdempotency } from "../../src/idempotency/idempotency.ts";
import { openKv } from "../../src/kv/open.ts";
import { silentLog } from "../../src/log.ts";
import { systemClock } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";
import { createFaultKv } from "../_fault_kv.ts";
import { keptIn } from "../_kept.ts";
import { openIdentityApp } from "../routes/_identity_app.ts";

const secretOf = (text: string) => new TextEncoder().encode(text.padEnd(32, "."));
const ATTEMPT: Attempt = {
  scope: "gatehouse acc_1 POST /users",
  key: "once",
  content: '[null,{"email":"ann@shop.example","password":"hunter2 hunter2 hunter2"}]',
};
const ANSWER = { status: 201, headers: [], body: "made" };

async function openBed() {
  const clock = createTestClock();
  const raw = await createFaultKv();
  const kv = await openKv({ path: ":memory:", raw, clock: systemClock, log: silentLog });
  const open = (...secrets: string[]) =>
    createIdempotency({ kv, clock, secrets: () => Promise.resolve(secrets.map(secretOf)) });
  return { open, raw, [Symbol.dispose]: () => kv.close() };
}

Deno.test("begin() knows the same content again, and no other", async () => {
  using bed = await openBed();
  const { begin } = bed.open("a");
  const first = await begin(ATTEMPT);
  assert(first.state === "new");
  assertEquals((await begin(ATTEMPT)).state, "running");
  await first.finish(ANSWER);
  assertEquals((await begin(ATTEMPT)).state, "done");
  for (
    const content of [
      "",
      ATTEMPT.content + " ",
      ATTEMPT.content.replace("hunter2", "hunter3"),
      "[null,null]",
    ]
  ) assertEquals((await begin({ ...ATTEMPT, content })).state, "different", content);
  assertEquals((await begin({ ...ATTEMPT, key: "twice" })).state, "new");
  assertEquals((await begin({ ...ATTEMPT, scope: "site 1 POST /users" })).state, "new");
});

Deno.test("begin() knows what was sent before the secret was turned", async () => {
  using bed = await openBed();
  const first = await bed.open("a").begin(ATTEMPT);
  assert(first.state === "new");
  await first.finish(ANSWER);
  assertEquals((await bed.open("b", "a").begin(ATTEMPT)).state, "done");
  assertEquals((await bed.open("c", "b", "a").begin(ATTEMPT)).state, "done");
  const other = { ...ATTEMPT, content: "other" };
  assertEquals((await bed.open("b", "a").begin(other)).state, "different");
  // Without the former secret nothing tells it from another; it is refused, and not done again.
  assertEquals((await bed.open("b").begin(ATTEMPT)).state, "different");
});

/** What a reader of KV who guessed the password right could hold against what is kept. */
function guessesOf(contents: readonly string[], keys: readonly Uint8Array[]): string[] {
  return contents.flatMap((content) => [
    createHash("sha256").update(content).digest("hex"),
    createHash("sha512").update(content).digest("hex"),
    ...keys.map((key) => createHmac("sha256", key).update(content).digest("hex")),
  ]);
}

for (const JWT_SECRET of ["the secret of the house of 32 bytes", undefined]) {
  const when = JWT_SECRET ? "with" : "without";
  Deno.test(`nothing in KV tells a right guess of a password, ${when} JWT_SECRET`, async () => {
    const raw = await createFaultKv();
    await using app = await openIdentityApp({ env: JWT_SECRET ? { JWT_SECRET } : {}, rawKv: raw });
    const { token } = await app.person("admin");
    const password = "a password to be guessed";
    const json = { email: "ann@shop.example", password };
    const headers = { "idempotency-key": "8e03978e-40d5-43dd-bc93-6894a57f9324" };
    assertEquals((await app.post("/api/v1/auth/users", { token, json, headers })).status, 201);
    const { texts, bytes } = await keptIn(raw);
    const body = { ...json, role: "user" };
    const contents = [
      password,
      JSON.stringify(json),
      JSON.stringify(body),
      JSON.stringify([null, json]),
      JSON.stringify([null, body]),
    ];
    const keys = [...bytes, ...texts.map((text) => new TextEncoder().encode(text))];
    const guesses = new Set(guessesOf(contents, keys));
    assert(texts.length > 10 && keys.length > 10);
    for (const text of texts) {
      assert(!guesses.has(text), text);
      assert(!text.includes(password) && !text.includes(headers["idempotency-key"]), text);
    }
  });
}
