import { assert, assertEquals, assertMatch } from "@std/assert";
import { codeOf, itemsOf, openIdentityApp } from "../_identity_app.ts";

const KEYS = "/api/v1/auth/keys";
const NEXT = /^<([^>]+)>; rel="next"$/;

Deno.test("a list is read page by page", async (t) => {
  await using app = await openIdentityApp();
  const { token } = await app.person("admin");
  for (let i = 0; i < 5; i++) await app.key("audit:read");
  const all = itemsOf(await app.get(KEYS, { token })).map(({ id }) => id);

  await t.step("by its cursor, each row once and in order", async () => {
    const seen: unknown[] = [];
    for (let cursor: unknown = "", pages = 0; cursor !== null; pages++) {
      assert(pages < 4, "it ends");
      const page = await app.get(`${KEYS}?limit=2${cursor && `&cursor=${cursor}`}`, { token });
      seen.push(...itemsOf(page).map(({ id }) => id));
      cursor = page.json().next_cursor;
    }
    assertEquals([seen, seen.length], [all, 5]);
  });

  await t.step("by its Link, which keeps the rest of the query", async () => {
    let path: string | undefined = `${KEYS}/?limit=3&format=csv`;
    const lines: string[] = [];
    while (path) {
      const page = await app.get(path, { token });
      lines.push(...page.text.split("\r\n").slice(1, -1));
      path = NEXT.exec(page.headers.get("link") ?? "")?.[1];
    }
    assertEquals(lines.map((line) => line.split(",")[0]), all);
  });

  await t.step("a cursor that was changed, or is of another list, is refused", async () => {
    const { next_cursor } = (await app.get(`${KEYS}?limit=2`, { token })).json();
    const cursor = String(next_cursor);
    const changed = cursor.slice(0, -1) + (cursor.endsWith("A") ? "B" : "A");
    for (const path of [`${KEYS}?cursor=${changed}`, `/api/v1/auth/users?cursor=${cursor}`]) {
      assertEquals(codeOf(await app.get(path, { token })), "INVALID_CURSOR", path);
    }
    assertEquals(codeOf(await app.get(`${KEYS}?cursor=`, { token })), "INVALID_CURSOR");
    const long = await app.get(`${KEYS}?cursor=${"a".repeat(1_001)}`, { token });
    assertEquals(codeOf(long), "VALIDATION_FAILED");
  });

  await t.step("a page has 1 to 200 rows", async () => {
    for (const limit of ["0", "201", "-1", "1.5", "1e2", "", "x"]) {
      const page = await app.get(`${KEYS}?limit=${limit}`, { token });
      assertEquals(codeOf(page), "VALIDATION_FAILED", limit);
    }
    assertEquals(itemsOf(await app.get(`${KEYS}?limit=200`, { token })).length, 5);
  });

  await t.step("it is CSV by ?format or by Accept, with a name to save it under", async () => {
    const asked = await app.get(`${KEYS}?format=csv`, { token });
    const accepted = await app.get(KEYS, { token, headers: { accept: "text/csv" } });
    assertEquals(accepted.text, asked.text);
    assertEquals(asked.headers.get("content-type"), "text/csv; charset=utf-8");
    assertMatch(
      asked.headers.get("content-disposition") ?? "",
      /^attachment; filename="\w+\.csv"$/,
    );
    assertEquals(asked.text.split("\r\n")[0].split(",").slice(0, 3), ["id", "name", "scopes"]);
    const json = await app.get(`${KEYS}?format=json`, { token, headers: { accept: "text/csv" } });
    assertEquals(json.headers.get("content-type"), "application/json");
    assertEquals(codeOf(await app.get(`${KEYS}?format=xml`, { token })), "VALIDATION_FAILED");
  });
});
