import { assertEquals } from "@std/assert";
import { methodOf, methodsOf } from "../../src/paths/methods.ts";

Deno.test("methodOf() reads methods as origins do", () => {
  assertEquals(["post", "HEAD", "head", "GET", "Purge"].map(methodOf), [
    "POST",
    "GET",
    "GET",
    "GET",
    "PURGE",
  ]);
});

Deno.test("methodsOf() adds to a POST what a field tells frameworks, and to nothing else", () => {
  const table: [method: string, fields: Record<string, string>, methods: string[]][] = [
    ["GET", {}, ["GET"]],
    ["post", {}, ["POST"]],
    ["HEAD", { "x-http-method-override": "DELETE" }, ["GET"]],
    ["PROPFIND", {}, ["PROPFIND"]],
    ["POST", { "X-HTTP-Method-Override": "DELETE" }, ["POST", "DELETE"]],
    ["POST", { "X-HTTP-Method": "put" }, ["POST", "PUT"]],
    ["POST", { "X-Method-Override": "head" }, ["POST", "GET"]],
    ["Post", { "X-HTTP-Method-Override": "PATCH, DELETE" }, ["POST", "PATCH", "DELETE"]],
    ["POST", { "X-HTTP-Method": "PUT", "X-Method-Override": "DELETE" }, ["POST", "PUT", "DELETE"]],
    ["POST", { "X-HTTP-Method-Override": '"DELETE"' }, ["POST", "DELETE"]],
  ];
  for (const [method, fields, methods] of table) {
    assertEquals(methodsOf(method, new Headers(fields)), methods, JSON.stringify(fields));
  }
  const many = new Headers({ "x-http-method": "A,".repeat(1_000) });
  assertEquals(methodsOf("POST", many).length <= 9, true);
});
