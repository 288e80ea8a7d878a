import { assertEquals, assertIsError, assertRejects } from "@std/assert";
import { AppError } from "../../../src/errors/app_error.ts";
import { BODY_MAX_BYTES, readFields } from "../../../src/origin/demo/body.ts";
import { JSON_TYPE } from "./_shop.ts";

const FORM_TYPE = { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" };

const read = (body: BodyInit | null, headers: HeadersInit = JSON_TYPE) =>
  readFields(new Request("http://shop.example/", { method: "POST", headers, body }));

async function refused(code: string, body: BodyInit | null, headers?: HeadersInit) {
  const error = await assertRejects(() => read(body, headers), AppError);
  assertIsError(error, AppError);
  assertEquals(error.code, code);
}

Deno.test("readFields() reads JSON objects and forms alike", async () => {
  assertEquals(await read('{"a":1,"b":["x"]}'), { a: 1, b: ["x"] });
  assertEquals(await read("a=1&b=x+y&c=%C3%A9", FORM_TYPE), { a: "1", b: "x y", c: "é" });
  assertEquals(await read(null, FORM_TYPE), {});
  assertEquals(await read("{}", { "content-type": "APPLICATION/JSON; charset=utf-8" }), {});
});

Deno.test("readFields() takes the last of a field that is sent twice", async () => {
  assertEquals(await read("a=1&a=2", FORM_TYPE), { a: "2" });
});

Deno.test("readFields() refuses every other type, and none", async () => {
  for (const type of ["text/plain", "multipart/form-data; boundary=x", "application/xml", ""]) {
    await refused("UNSUPPORTED_MEDIA_TYPE", "a=1", type ? { "content-type": type } : {});
  }
});

Deno.test("readFields() refuses what is no JSON", async () => {
  for (const text of ["", "{", "{a:1}", "[1", "undefined", '{"a":1}}']) {
    await refused("MALFORMED_JSON", text);
  }
});

Deno.test("readFields() refuses JSON that is no object", async () => {
  for (const text of ["null", "1", '"text"', "[]", "true"]) {
    await refused("VALIDATION_FAILED", text);
  }
});

Deno.test("readFields() refuses bytes that are no UTF-8", async () => {
  await refused("MALFORMED_REQUEST", new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]));
});

Deno.test("readFields() keeps a name like __proto__ a name", async () => {
  const fields = await read('{"__proto__":{"polluted":true}}');
  assertEquals(Object.keys(fields), ["__proto__"]);
  assertEquals("polluted" in {}, false);
});

Deno.test("readFields() takes 16 KiB and not a byte more", async () => {
  const filled = (bytes: number) => `{"a":"${"x".repeat(bytes - 8)}"}`;
  assertEquals(Object.keys(await read(filled(BODY_MAX_BYTES))), ["a"]);
  await refused("PAYLOAD_TOO_LARGE", filled(BODY_MAX_BYTES + 1));
});

Deno.test("readFields() believes what comes, not what was declared, and stops reading", async () => {
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1024;
      controller.enqueue(new Uint8Array(1024).fill(0x20));
    },
  });
  await refused("PAYLOAD_TOO_LARGE", endless);
  assertEquals(sent < BODY_MAX_BYTES + 8 * 1024, true, `${sent} bytes were read`);
});

Deno.test("readFields() does not begin to read what is declared too large", async () => {
  const headers = { ...JSON_TYPE, "content-length": String(BODY_MAX_BYTES + 1) };
  await refused("PAYLOAD_TOO_LARGE", "{}", headers);
});
