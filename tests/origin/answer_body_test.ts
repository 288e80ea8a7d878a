import { assertEquals, assertRejects } from "@std/assert";
import { createBodyReader, CutShort, takeWholeBody } from "../../src/origin/answer_body.ts";
import type { BodyLength } from "../../src/origin/answer_head.ts";
import { Connection } from "../../src/origin/connection.ts";
import { createTestSocket, textOf } from "./_socket.ts";

const chunked: BodyLength = { until: "last-chunk" };
const close: BodyLength = { until: "close" };
const counted = (bytes: number): BodyLength => ({ until: "length", bytes });

async function readAll(length: BodyLength, ...says: string[]) {
  const socket = createTestSocket(...says);
  socket.end();
  const reader = createBodyReader(new Connection(socket), length);
  let text = "";
  while (!reader.finished) text += textOf(await reader.next());
  return { text, clean: reader.clean };
}

Deno.test("createBodyReader() reads each kind of body to its end", async () => {
  assertEquals(await readAll(counted(7), "a bo", "dy.", "next"), { text: "a body.", clean: true });
  assertEquals(await readAll(counted(0)), { text: "", clean: true });
  assertEquals(await readAll(chunked, "2\r\nok\r", "\n0\r\n\r\n"), { text: "ok", clean: true });
  assertEquals(await readAll(close, "until ", "the end"), { text: "until the end", clean: false });
});

Deno.test("createBodyReader() does not call a connection clean on which more was said", async () => {
  assertEquals(await readAll(chunked, "2\r\nok\r\n0\r\n\r\nmore"), { text: "ok", clean: false });
});

Deno.test("createBodyReader() throws where the body breaks off", async () => {
  for (const says of [[], ["some"], ["some", "more"]]) {
    await assertRejects(() => readAll(counted(100), ...says), CutShort, "missing");
  }
  for (const says of [[], ["2\r\n"], ["2\r\nok\r\n"], ["2\r\nok\r\n0\r\n"]]) {
    await assertRejects(() => readAll(chunked, ...says), CutShort, "missing");
  }
});

async function whole(length: BodyLength, said: string) {
  const connection = new Connection(createTestSocket(said));
  if (said !== "") await connection.fill();
  const body = takeWholeBody(connection, length);
  return [body && textOf(body), textOf(connection.unread)];
}

Deno.test("takeWholeBody() takes a body that is all there, and nothing else", async () => {
  assertEquals(await whole(counted(4), "body"), ["body", ""]);
  assertEquals(await whole(counted(4), "bodymore"), ["body", "more"]);
  assertEquals(await whole(counted(0), ""), ["", ""]);
  assertEquals(await whole(chunked, "2\r\nok\r\n0\r\n\r\n"), ["ok", ""]);
  assertEquals(await whole(chunked, "0\r\n\r\n"), ["", ""]);
});

Deno.test("takeWholeBody() leaves a body that is not all there", async () => {
  assertEquals(await whole(counted(5), "body"), [undefined, "body"]);
  assertEquals(await whole(close, "body"), [undefined, "body"]);
  for (
    const said of ["2\r\nok\r\n", "2\r\nok\r\n0\r\n", "f\r\nfive0\r\n\r\n", "0\r\nX: y\r\n\r\n"]
  ) {
    assertEquals(await whole(chunked, said), [undefined, said]);
  }
});
