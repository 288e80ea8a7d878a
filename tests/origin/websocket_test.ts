import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { AppError } from "../../src/errors/app_error.ts";
import type { AnswerHead } from "../../src/origin/answer_head.ts";
import type { Field } from "../../src/origin/hop_headers.ts";
import { createHandshake, isWebSocketRequest } from "../../src/origin/websocket.ts";

const HEADERS = {
  connection: "keep-alive, Upgrade",
  upgrade: "WebSocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

const ask = (headers: Record<string, string> = {}, init: RequestInit = {}) =>
  new Request("http://h/", { headers: { ...HEADERS, ...headers }, ...init });

Deno.test("isWebSocketRequest() knows an upgrade from everything else", () => {
  assert(isWebSocketRequest(ask()));
  assert(isWebSocketRequest(ask({ upgrade: "h2c, websocket" })));
  assert(!isWebSocketRequest(new Request("http://h/")));
  assert(!isWebSocketRequest(ask({ upgrade: "h2c" })));
  assert(!isWebSocketRequest(ask({ upgrade: "websockets" })));
  assert(!isWebSocketRequest(ask({ connection: "keep-alive" })));
  assert(!isWebSocketRequest(ask({}, { method: "POST" })));
});

Deno.test("createHandshake() refuses other versions than 13", () => {
  for (const version of ["8", "", "13, 8"]) {
    const error = assertThrows(
      () => createHandshake(ask({ "sec-websocket-version": version })),
      AppError,
    );
    assert(error instanceof AppError);
    assertEquals(error.options.headers, { "sec-websocket-version": "13" });
  }
  assertThrows(() => createHandshake(ask({ "sec-websocket-key": "" })), AppError);
});

const answer = (...fields: Field[]): AnswerHead => ({
  status: 101,
  fields,
  length: { until: "length", bytes: 0 },
  keepAlive: true,
});

/** What a server says to a key (RFC 6455, 1.3), worked out apart from src. */
async function acceptFor(fields: readonly Field[]): Promise<Field> {
  const key = new Map(fields).get("sec-websocket-key");
  const bytes = new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));
  return ["sec-websocket-accept", btoa(String.fromCharCode(...digest))];
}

Deno.test("createHandshake() asks in its own words, with a key of its own", () => {
  const [first, second] = [createHandshake(ask()), createHandshake(ask())];
  const fields = new Map(first.fields);
  assertEquals([fields.get("connection"), fields.get("upgrade")], ["Upgrade", "websocket"]);
  assertEquals(fields.get("sec-websocket-version"), "13");
  assertMatch(fields.get("sec-websocket-key") ?? "", /^[\w+/]{22}==$/);
  assert(fields.get("sec-websocket-key") !== new Map(second.fields).get("sec-websocket-key"));
  assertEquals(fields.has("sec-websocket-protocol"), false);
  const offers = createHandshake(ask({ "sec-websocket-protocol": "a,b , c" }));
  assertEquals(new Map(offers.fields).get("sec-websocket-protocol"), "a, b, c");
});

Deno.test("Handshake.accept() takes the origin's choice of a subprotocol", async () => {
  const { fields, accept } = createHandshake(ask({ "sec-websocket-protocol": "a,b" }));
  const proof = await acceptFor(fields);
  assertEquals(await accept(answer(proof)), undefined);
  assertEquals(await accept(answer(proof, ["sec-websocket-protocol", "b"])), "b");
});

Deno.test("Handshake.accept() throws for consent to something else", async () => {
  const { fields, accept } = createHandshake(ask({ "sec-websocket-protocol": "a,b" }));
  const proof = await acceptFor(fields);
  const consents: Field[][] = [
    [],
    [["sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]],
    [proof, ["sec-websocket-protocol", "c"]],
    [proof, ["sec-websocket-extensions", "permessage-deflate"]],
  ];
  for (const consent of consents) {
    await assertRejects(() => accept(answer(...consent)), AppError, "cannot be reached");
  }
});
