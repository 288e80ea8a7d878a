import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { etagOf, namesTag } from "../../../routes/endpoint/etag.ts";
import { codeOf, openIdentityApp } from "../_identity_app.ts";

Deno.test("etagOf() is weak, the same for the same document and another for another", async () => {
  const tag = await etagOf({ role: "user" });
  assertMatch(tag, /^W\/"[\w-]{16}"$/);
  assertEquals(await etagOf({ role: "user" }), tag);
  assertNotEquals(await etagOf({ role: "admin" }), tag);
});

Deno.test("namesTag() finds a tag in a list, weak or strong, and in the star", () => {
  assert(namesTag('"a", W/"b" ,"c"', 'W/"b"'));
  assert(namesTag('"b"', 'W/"b"'));
  assert(namesTag(" * ", 'W/"b"'));
  assert(!namesTag('"bb"', 'W/"b"'));
  assert(!namesTag("", 'W/"b"'));
});

Deno.test("a document that changes is read once, and only its present version is changed", async (t) => {
  await using app = await openIdentityApp();
  const { token } = await app.person("admin");
  const { id } = await app.person("user");
  const path = `/api/v1/auth/users/${id}`;
  const read = (headers = {}) => app.get(path, { token, headers });
  const change = (role: string, headers = {}) =>
    app.send("PATCH", path, { token, json: { role }, headers });
  const tag = (await read()).headers.get("etag") ?? "";

  await t.step("If-None-Match with the version one has answers 304 without a body", async () => {
    const same = await read({ "if-none-match": `"other", ${tag}` });
    assertEquals([same.status, same.text, same.headers.get("etag")], [304, "", tag]);
    assertEquals(same.headers.get("cache-control"), "private, no-cache");
    assertEquals((await read({ "if-none-match": '"other"' })).status, 200);
  });

  await t.step("If-Match with the version one has changes it, once", async () => {
    const changed = await change("analyst", { "if-match": tag });
    assertEquals([changed.status, changed.json().role], [200, "analyst"]);
    assertEquals(codeOf(await change("user", { "if-match": tag })), "PRECONDITION_FAILED");
    assertEquals((await read()).json().role, "analyst", "a refused change changes nothing");
  });

  await t.step("the answer of a change carries the next version", async () => {
    const next = (await change("user")).headers.get("etag") ?? "";
    assertEquals((await read()).headers.get("etag"), next);
    assertEquals((await change("analyst", { "if-match": next })).status, 200);
    assertEquals((await change("user", { "if-match": "*" })).status, 200);
  });
});
