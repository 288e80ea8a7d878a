/** Every operation of the document that takes JSON or deletes, with a field that it does not know. */
import { assert, assertEquals } from "@std/assert";
import { type Operation, operationsOf, type Schema } from "../_document.ts";
import { codeOf, openIdentityApp } from "../_identity_app.ts";

const jsonOf = ({ requestBody }: Operation) => requestBody?.content["application/json"];

interface Finding {
  readonly pointer: string;
  readonly in?: string;
}

/** Objects of a schema that take any field. */
function openObjects(schema: Schema & { readonly additionalProperties?: unknown }): string[] {
  const inner = [
    ...Object.values(schema.properties ?? {}),
    ...schema.items ? [schema.items] : [],
    ...schema.anyOf ?? [],
  ].flatMap(openObjects);
  const isOpen = schema.properties && schema.additionalProperties !== false;
  return isOpen ? [Object.keys(schema.properties).join(), ...inner] : inner;
}

Deno.test("a field that an endpoint does not know is refused by its name, and nothing is done", async () => {
  await using app = await openIdentityApp();
  const { token } = await app.person("admin");
  const operations = operationsOf(JSON.parse((await app.get("/openapi.json")).text));
  let bodies = 0;
  let queries = 0;
  for (const operation of operations) {
    const { method, operationId } = operation;
    const path = operation.path.replaceAll(/\{\w+\}/g, "deny");
    const json = jsonOf(operation);
    const send = async (query: string, body?: unknown) => {
      const answer = await app.send(method, `${path}/${query}`, { token, json: body });
      assertEquals(codeOf(answer), "VALIDATION_FAILED", `${operationId} ${answer.text}`);
      return (answer.json().errors as Finding[]).map(({ pointer, in: place }) => [pointer, place]);
    };
    if (json) {
      const example = json.example as Record<string, unknown> | undefined;
      const findings = await send("", { ...example, statsu: "x" });
      assert(findings.some(([pointer]) => pointer === "/statsu"), operationId);
      assertEquals(openObjects(json.schema), [], operationId);
      bodies++;
    }
    if (method === "DELETE") {
      assertEquals(await send("?statsu=x", json?.example), [["/statsu", "query"]], operationId);
      queries++;
    }
  }
  assert(bodies >= 12 && queries >= 6, `${bodies} bodies, ${queries} queries`);
});

Deno.test("clear with a misspelt filter deletes nothing, and says what it did not know", async () => {
  await using app = await openIdentityApp();
  const { token } = await app.person("admin");
  const path = "/api/v1/onboarding/admin/dlq/clear/";
  const rows: readonly (readonly [query: string, json: unknown, detail: string])[] = [
    ["", { statsu: "abandoned", confirm: true }, "statsu: is not known here."],
    ["", { older_than_hour: 168, confirm: true }, "older_than_hour: is not known here."],
    ["", { olderThanHours: 168, confirm: true }, "olderThanHours: is not known here."],
    ["", { Status: "dead", confirm: true }, "Status: is not known here."],
    ["?status=abandoned", { confirm: true }, "status: is not known here."],
    ["?older_than_hours=168", { confirm: true }, "older_than_hours: is not known here."],
  ];
  for (const [query, json, detail] of rows) {
    const answer = await app.send("DELETE", path + query, { token, json });
    assertEquals([answer.status, answer.json().detail], [422, detail]);
  }
  const wrong = [
    { status: "abandond", confirm: true },
    { older_than_hours: "7d", confirm: true },
    { older_than_hours: null, confirm: true },
    { older_than_hours: -1, confirm: true },
    { confirm: "true" },
    [],
  ];
  for (const json of wrong) {
    assertEquals((await app.send("DELETE", path, { token, json })).status, 422);
  }
  assertEquals((await app.send("DELETE", path, { token, json: { confirm: true } })).status, 200);
});
