import { assert, assertEquals } from "@std/assert";
import { createOwnRoutes } from "../../routes/app.ts";
import { ERRORS } from "../../src/errors/codes.ts";
import { errorsOf } from "../../routes/endpoint/openapi.ts";
import { createTestApp } from "../_app.ts";
import { type ApiDocument, createJudge, operationsOf } from "./_document.ts";

async function readDocument(env: Readonly<Record<string, string>> = {}) {
  await using app = await createTestApp({ env });
  const answer = await app.ask(`${env.BASE_PATH ?? ""}/openapi.json`);
  assertEquals([answer.status, answer.headers.get("content-type")], [200, "application/json"]);
  const { endpoints } = createOwnRoutes(app.services);
  const document: ApiDocument = JSON.parse(answer.text);
  return { document, operations: operationsOf(document), endpoints };
}

Deno.test("GET /openapi.json describes every endpoint but the pages", async () => {
  const { document, operations, endpoints } = await readDocument();
  assertEquals(document.openapi, "3.1.0");
  const described = operations.map(({ method, path }) => `${method} ${path}`);
  const defined = endpoints.filter(({ page }) => !page).map(({ method, path }) =>
    `${method} ${path}`
  );
  assertEquals(described.sort(), defined.sort());
});

Deno.test("GET /openapi.json names the prefix of all paths", async () => {
  const { document } = await readDocument({ BASE_PATH: "/_gatehouse" });
  assertEquals(document.servers.map(({ url }) => url), ["/_gatehouse"]);
});

Deno.test("each operation has an id of its own, words, and all parameters of its path", async () => {
  const { operations } = await readDocument();
  assertEquals(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
  for (const { operationId, summary, description, tags, path, parameters = [] } of operations) {
    assert(summary && description && tags.length === 1, operationId);
    const inPath = parameters.filter((parameter) => parameter.in === "path");
    assert(inPath.every(({ required }) => required), operationId);
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    assertEquals(inPath.map(({ name }) => name), names, operationId);
  }
});

Deno.test("parameters are what they mean: numbers, formats, versions, keys", async () => {
  const { operations } = await readDocument();
  const find = (id: string, name: string) =>
    operations.find(({ operationId }) => operationId === id)?.parameters
      ?.find((parameter) => parameter.name === name)?.schema;
  assertEquals(find("get_auth_users", "limit"), { type: "integer", minimum: 1, maximum: 200 });
  assertEquals(find("get_auth_users", "format"), { type: "string", enum: ["json", "csv"] });
  assertEquals(find("get_auth_users_id", "If-None-Match"), { type: "string" });
  assertEquals(find("patch_auth_users_id", "If-Match"), { type: "string" });
  assert(find("post_auth_users", "idempotency-key"));
});

Deno.test("each error an endpoint can meet is among its answers", async () => {
  const { operations, endpoints } = await readDocument();
  for (const { method, path, responses } of operations) {
    const endpoint = endpoints.find((one) => one.method === method && one.path === path);
    assert(endpoint);
    for (const code of errorsOf(endpoint)) {
      assert(responses[ERRORS[code].status], `${method} ${path}: ${code}`);
    }
  }
});

Deno.test("each example passes its schema, in requests and in answers", async () => {
  const { document, operations } = await readDocument();
  const judge = createJudge(document);
  let examples = 0;
  for (const { operationId, requestBody, responses } of operations) {
    for (const { content = {} } of [requestBody ?? {}, ...Object.values(responses)]) {
      for (const { schema, example } of Object.values(content)) {
        if (example === undefined) continue;
        examples++;
        assertEquals(judge.problemOf(schema, example), undefined, operationId);
      }
    }
  }
  assert(examples >= 5, `${examples} examples`);
});
