import { assert, assertEquals, assertMatch } from "@std/assert";
import { ERRORS } from "../../../src/errors/codes.ts";
import type { Answer } from "../../_app.ts";
import { codeOf, openIdentityApp, type Sent } from "../_identity_app.ts";

const LOGIN = "/api/v1/auth/login";
const USERS = "/api/v1/auth/users";

/** A problem with this code, whole in every part. */
function assertProblem(answer: Answer, code: keyof typeof ERRORS) {
  const { status, title } = ERRORS[code];
  const body = answer.json();
  assertEquals([answer.status, body.code, body.status, body.title], [status, code, status, title]);
  assertEquals(answer.headers.get("content-type"), "application/problem+json");
  assertEquals(body.request_id, answer.headers.get("x-request-id"));
  assertEquals(answer.headers.get("cache-control"), "no-store");
}

Deno.test("every endpoint keeps to the same contract", async (t) => {
  await using app = await openIdentityApp();
  const { token, id } = await app.person("admin");
  const raw = (body: BodyInit, type?: string): Sent & { body: BodyInit } => ({
    body,
    headers: type === undefined ? {} : { "content-type": type },
  });
  const post = (path: string, sent: ReturnType<typeof raw>) =>
    app.ask(path, { ...sent, method: "POST", token });

  await t.step("each path answers with and without a trailing slash", async () => {
    for (const path of ["/healthz", USERS, `${USERS}/${id}`, "/openapi.json", "/admin/login"]) {
      const [bare, slashed] = [
        await app.get(path, { token }),
        await app.get(path + "/", { token }),
      ];
      assertEquals([bare.status, slashed.status, slashed.text], [200, 200, bare.text], path);
    }
    const json = { email: "nobody@shop.example", password: "wrong" };
    for (const path of [LOGIN, LOGIN + "/"]) {
      assertEquals(codeOf(await app.post(path, { json })), "INVALID_CREDENTIALS");
    }
    assertProblem(await app.get(USERS + "//", { token }), "NOT_FOUND");
  });

  await t.step("an unknown path of ours is 404, and never the site's", async () => {
    for (const path of ["/api/v1", "/api/v1/nothing", "/admin/nothing", `${USERS}/a/b`]) {
      assertProblem(await app.get(path, { token }), "NOT_FOUND");
    }
  });

  await t.step("a wrong method is 405, and says which are right", async () => {
    const allowed: [string, string, string][] = [
      ["GET", LOGIN, "POST"],
      ["DELETE", USERS, "GET, HEAD, POST"],
      ["PUT", `${USERS}/${id}`, "GET, HEAD, PATCH"],
      ["POST", "/healthz", "GET, HEAD"],
    ];
    for (const [method, path, allow] of allowed) {
      const answer = await app.send(method, path, { token });
      assertProblem(answer, "METHOD_NOT_ALLOWED");
      assertEquals(answer.headers.get("allow"), allow, path);
    }
  });

  await t.step("HEAD is GET without its body", async () => {
    const head = await app.send("HEAD", USERS, { token });
    assertEquals([head.status, head.text], [200, ""]);
    assertEquals(head.headers.get("content-type"), "application/json");
  });

  await t.step("a body of another type is 415, of whatever case or parameter is not", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", undefined]) {
      assertProblem(
        await post(LOGIN, raw(new TextEncoder().encode("{}"), type)),
        "UNSUPPORTED_MEDIA_TYPE",
      );
    }
    for (const type of ["Application/JSON", "application/json; charset=utf-8"]) {
      assertProblem(await post(LOGIN, raw("{}", type)), "VALIDATION_FAILED");
    }
  });

  await t.step("a body over 64 KiB is 413, by its length or by its bytes", async () => {
    const huge = JSON.stringify({ email: "x", password: "x".repeat(70_000) });
    assertProblem(await post(LOGIN, raw(huge, "application/json")), "PAYLOAD_TOO_LARGE");
    const streamed = new Blob([huge]).stream();
    assertProblem(await post(LOGIN, raw(streamed, "application/json")), "PAYLOAD_TOO_LARGE");
  });

  await t.step("what is no JSON is 400", async () => {
    for (const body of ["", "{", "{'a': 1}", "NaN", "\uFEFF", '{"a":1}{"b":2}']) {
      assertProblem(await post(LOGIN, raw(body, "application/json")), "MALFORMED_JSON");
    }
    const broken = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    assert((await post(LOGIN, raw(broken, "application/json"))).status < 500);
  });

  await t.step("whoever may not call learns nothing about the body", async () => {
    const answer = await app.ask(USERS, { method: "POST", body: "{", headers: {} });
    assertProblem(answer, "UNAUTHENTICATED");
    assertEquals(answer.headers.get("www-authenticate"), "Bearer");
  });

  await t.step("nothing that is somebody's is kept by caches", async () => {
    for (const path of [USERS, "/api/v1/auth/me", "/api/v1/auth/sessions"]) {
      const { headers } = await app.get(path, { token });
      assertMatch(headers.get("cache-control") ?? "", /^private, no-/, path);
    }
  });
});
