import { assertEquals } from "@std/assert";
import { codeOf, openIdentityApp, PASSWORD, type Sent } from "../_identity_app.ts";

interface Finding {
  readonly pointer: string;
  readonly detail: string;
  readonly in?: string;
}

Deno.test("what is wrong with a request is said field by field", async (t) => {
  await using app = await openIdentityApp();
  const { token } = await app.person("admin");
  const findings = async (method: string, path: string, sent: Sent = {}) => {
    const answer = await app.send(method, path, { token, ...sent });
    assertEquals(codeOf(answer), "VALIDATION_FAILED", path);
    return answer.json().errors as Finding[];
  };
  const pointers = async (...asked: Parameters<typeof findings>) =>
    (await findings(...asked)).map(({ pointer }) => pointer);

  await t.step("each field of a body by its pointer", async () => {
    const json = { name: "", scopes: ["audit:read", "nothing"], address_ranges: [7] };
    assertEquals(
      await pointers("POST", "/api/v1/auth/keys", { json }),
      ["/name", "/scopes/1", "/address_ranges/0"],
    );
    assertEquals(await pointers("POST", "/api/v1/auth/users", { json: [] }), [""]);
    assertEquals(
      await pointers("POST", "/api/v1/auth/login", { json: { email: 1 } }),
      ["/email", "/password"],
    );
  });

  await t.step("and a query by its name and place", async () => {
    const [limit, from] = await findings("GET", "/api/v1/auth/audit?limit=0&from=yesterday");
    assertEquals([limit.pointer, limit.in, from.pointer], ["/limit", "query", "/from"]);
    assertEquals(limit.detail, "must be at least 1");
  });

  await t.step("what the room finds wrong has the same shape", async () => {
    const json = { email: "nobody", password: "short" };
    assertEquals(await pointers("POST", "/api/v1/auth/users", { json }), ["/email"]);
    const weak = { email: "new@shop.example", password: "a".repeat(15) };
    assertEquals(await pointers("POST", "/api/v1/auth/users", { json: weak }), ["/password"]);
  });

  await t.step("at most 20 findings are listed", async () => {
    const json = { name: 1, scopes: Array(13).fill(""), address_ranges: Array(20).fill("") };
    assertEquals((await pointers("POST", "/api/v1/auth/keys", { json })).length, 20);
  });

  await t.step("one finding alone is also the problem's sentence", async () => {
    const json = { email: "new@shop.example", password: PASSWORD, role: "king" };
    const { detail } = (await app.post("/api/v1/auth/users", { token, json })).json();
    assertEquals(String(detail).startsWith("role: "), true, String(detail));
  });
});
