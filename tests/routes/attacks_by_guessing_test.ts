/** Guessing passwords, and finding out who has an account: by many tries, by the answer, by time. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { DAY, MINUTE } from "../../src/time.ts";
import type { Answer } from "../_app.ts";
import { codeOf, type IdentityApp, openIdentityApp, PASSWORD } from "./_identity_app.ts";

const LOGIN = "/api/v1/auth/login";
const WRONG = "a wrong password of some length";
/** The limits an operator gets who sets none. */
const DEFAULT_LIMITS = { LIMIT_AUTH: "", LIMIT_API: "", LIMIT_STORE: "" };

const count = (codes: readonly unknown[], code: unknown) =>
  codes.filter((one) => one === code).length;

Deno.test("spraying one password over 1,000 accounts ends after five tries", async () => {
  await using app = await openIdentityApp({ env: DEFAULT_LIMITS });
  const spray = async (fromOf: (i: number) => string) => {
    const codes: unknown[] = [];
    for (let i = 0; i < 1_000; i++) {
      const json = { email: `person${i}@shop.example`, password: WRONG };
      // Three doors, one limit.
      const door = i % 3;
      const answer = door === 0
        ? await app.post(LOGIN, { json, from: fromOf(i) })
        : door === 1
        ? await app.post("/admin/login", { form: { ...json, next: "" }, from: fromOf(i) })
        : await app.post("/api/v1/auth/refresh", { json: { refresh_token: "x" }, from: fromOf(i) });
      codes.push(codeOf(answer));
    }
    return codes;
  };
  const codes = await spray(() => "198.51.100.7");
  assertEquals(count(codes, "RATE_LIMITED"), 995);
  const sixth = await app.login("ann@shop.example");
  assertEquals(sixth.status, 401, "another address is not held back");

  const network = await spray((i) => `2001:db8:1:2::${i.toString(16)}`);
  assertEquals(count(network, "RATE_LIMITED"), 995, "a /64 is one address");
  const provider = await spray((i) => `2001:db8:2:${i.toString(16)}::1`);
  assertEquals(count(provider, "RATE_LIMITED"), 975, "a /48 is five");
  app.clock.turn(6 * MINUTE);
  assertEquals(count(await spray(() => "198.51.100.7"), "RATE_LIMITED"), 995);
  assert(!app.logged.join("\n").includes(WRONG));
});

Deno.test("one account guessed from 1,000 addresses is asked five times", async () => {
  await using app = await openIdentityApp({ env: DEFAULT_LIMITS });
  const { email } = await app.person("user");
  const codes: unknown[] = [];
  for (let i = 0; i < 1_000; i++) {
    const json = { email: i % 2 ? email : ` ${email.toUpperCase()} `, password: `${WRONG} ${i}` };
    codes.push(codeOf(await app.post(LOGIN, { json, from: `10.${i >> 8}.${i & 255}.1` })));
  }
  assertEquals([count(codes, "INVALID_CREDENTIALS"), count(codes, "RATE_LIMITED")], [5, 995]);
});

/** Everything an answer tells, but for what is drawn anew for each. */
function told({ status, headers, text }: Answer) {
  const own = ["x-request-id", "content-security-policy"];
  const fields = [...headers].filter(([name]) => !own.includes(name)).map(([name, value]) =>
    `${name}: ${value}`
  );
  const id = headers.get("x-request-id") ?? "";
  const nonce = /nonce-([^']+)/.exec(headers.get("content-security-policy") ?? "")?.[1] ?? "-";
  return [status, fields.sort(), text.replaceAll(id, "ID").replaceAll(nonce, "NONCE")];
}

/** Somebody, somebody who was disabled, and nobody. */
async function threeKinds(app: IdentityApp): Promise<string[]> {
  const { identity } = app.services;
  const known = await app.person("user", "known");
  const gone = await app.person("user", "gone1");
  await identity.accounts.disable(gone.id, { id: "test", requestId: "test" });
  return [known.email, gone.email, "nobod@shop.example"];
}

Deno.test("the answer does not tell who has an account", async (t) => {
  await using app = await openIdentityApp();
  const emails = await threeKinds(app);
  const same = (answers: unknown[]) => answers.forEach((one) => assertEquals(one, answers[0]));

  /** From an address of its own, as an answer also says how often that may still ask. */
  const login = (email: string) =>
    app.post(LOGIN, { json: { email, password: WRONG }, from: `10.0.0.${emails.indexOf(email)}` });

  await t.step("neither the API's nor the page's, to the last field", async () => {
    const byApi: unknown[] = [];
    const byPage: unknown[] = [];
    for (const [index, email] of emails.entries()) {
      byApi.push(told(await login(email)));
      const form = { email, password: WRONG, next: "/admin" };
      const from = `10.0.1.${index}`;
      const [status, fields, text] = told(await app.post("/admin/login", { form, from }));
      byPage.push([status, fields, String(text).replaceAll(email, "EMAIL")]);
    }
    same(byApi);
    same(byPage);
  });

  await t.step("nor when the account is delayed", async () => {
    const delayed: unknown[] = [];
    for (const email of emails) {
      for (let i = 0; i < 4; i++) await login(email);
      delayed.push(told(await login(email)));
    }
    same(delayed);
    assertEquals((delayed[0] as unknown[])[0], 429);
  });

  await t.step("nor the log", () => {
    const log = app.logged.join("\n");
    for (const email of emails) assert(!log.includes(email));
  });
});

const median = (times: number[]) => times.toSorted((a, b) => a - b)[times.length >> 1];

Deno.test("the time does not tell who has an account, within 5 %", async () => {
  await using app = await openIdentityApp();
  const emails = await threeKinds(app);
  const times = new Map(emails.map((email): [string, number[]] => [email, []]));
  const difference = () => {
    const [known, ...others] = emails.map((email) => median(times.get(email)!));
    return Math.max(...others.map((other) => Math.abs(other - known) / known));
  };
  // Taken in turns, so that what else the machine does hits all alike; more of them until it is
  // quiet enough to tell.
  for (let round = 0; round < 80 && (round < 12 || difference() > 0.05); round++) {
    app.clock.turn(DAY);
    for (let i = 0; i < emails.length; i++) {
      const email = emails[(round + i) % emails.length];
      const startedAt = performance.now();
      assertEquals(codeOf(await app.login(email, WRONG)), "INVALID_CREDENTIALS");
      times.get(email)!.push(performance.now() - startedAt);
    }
  }
  assertLess(difference(), 0.05);
});

Deno.test("a password of a megabyte costs nothing, and is not kept", async () => {
  await using app = await openIdentityApp();
  const { email } = await app.person("user");
  const long = "x".repeat(1024 * 1024);
  const startedAt = performance.now();
  const answer = await app.login(email, long);
  assertEquals(codeOf(answer), "PAYLOAD_TOO_LARGE");
  const form = await app.post("/admin/login", { form: { email, password: long, next: "" } });
  assertEquals(codeOf(form), "PAYLOAD_TOO_LARGE");
  for (const length of [1_025, 60_000]) {
    assertEquals(codeOf(await app.login(email, "y".repeat(length))), "VALIDATION_FAILED");
  }
  assertEquals(codeOf(await app.login(email, "é".repeat(1_000))), "VALIDATION_FAILED", "in bytes");
  assertLess(performance.now() - startedAt, 500);
  const log = app.logged.join("\n");
  assert(!log.includes("xxxxxxxx") && !log.includes("yyyyyyyy") && !log.includes(PASSWORD));
});
