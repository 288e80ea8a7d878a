import { assert, assertEquals, assertLess } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Connection } from "../../src/origin/connection.ts";
import { Tunnel } from "../../src/origin/tunnel.ts";
import { pass } from "../_fake_time.ts";
import { bytesOf, createTestSocket, settle } from "./_socket.ts";

/** The client's end: what `Deno.upgradeWebSocket` would give, moved by hand. */
class TestClient extends EventTarget implements WebSocket {
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readonly url = "";
  readonly protocol = "";
  readonly extensions = "";
  binaryType: BinaryType = "blob";
  readyState = 0;
  bufferedAmount = 0;
  onopen: WebSocket["onopen"] = null;
  onmessage: WebSocket["onmessage"] = null;
  onclose: WebSocket["onclose"] = null;
  onerror: WebSocket["onerror"] = null;
  readonly sent: (string | Uint8Array)[] = [];
  closedWith: readonly [number?, string?] | undefined;

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (typeof data === "string" || data instanceof Uint8Array) this.sent.push(data);
  }
  close(code?: number, reason?: string): void {
    this.closedWith ??= code === undefined ? [] : [code, reason];
    this.readyState = 2;
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.(new Event("open"));
  }
  says(data: string | ArrayBuffer): void {
    this.onmessage?.(new MessageEvent("message", { data }));
  }
  leaves(code: number, reason = ""): void {
    this.readyState = 3;
    this.onclose?.(new CloseEvent("close", { code, reason }));
  }
}

function createTestTunnel() {
  const client = new TestClient();
  const origin = createTestSocket();
  let ended = 0;
  const tunnel = new Tunnel({
    client,
    connection: new Connection(origin),
    onEnd: () => {
      ended++;
      origin.close();
    },
  });
  return { client, origin, tunnel, ended: () => ended };
}

/** The first bytes of the frames the origin got, and their payloads without the mask. */
function framesOf(written: string): [number, string][] {
  const frames: [number, string][] = [];
  const bytes = bytesOf(written);
  for (let at = 0; at < bytes.length;) {
    const short = bytes[at + 1] & 0x7f;
    assertLess(short, 126);
    const mask = bytes.subarray(at + 2, at + 6);
    const payload = bytes.slice(at + 6, at + 6 + short).map((byte, i) => byte ^ mask[i % 4]);
    frames.push([bytes[at], String.fromCharCode(...payload)]);
    at += 6 + short;
  }
  return frames;
}

const closeFrame = (code: number, reason = "") =>
  `\x88${String.fromCharCode(2 + reason.length, code >> 8, code & 255)}${reason}`;
const payloadOf = (code: number, reason = "") => closeFrame(code, reason).slice(2);

Deno.test("Tunnel passes messages both ways in order, and answers pings", async () => {
  const { client, origin, tunnel, ended } = createTestTunnel();
  origin.say("\x81\x05early");
  await settle();
  // A socket that is not open yet could not send it.
  assertEquals(client.sent, []);
  client.open();
  origin.say("\x82\x02\x00\xff\x89\x04ping\x8a\x00\x81\x04late");
  client.says("hello");
  client.says(new Uint8Array([1, 2]).buffer);
  await settle();
  assertEquals(client.sent, ["early", new Uint8Array([0, 255]), "late"]);
  const frames = framesOf(origin.written);
  assertEquals(frames.filter(([first]) => first !== 0x8a), [[0x81, "hello"], [0x82, "\x01\x02"]]);
  assertEquals(frames.filter(([first]) => first === 0x8a), [[0x8a, "ping"]]);
  assertEquals(ended(), 0);
  origin.end();
  client.leaves(1_011);
  await settle();
  await tunnel.close();
});

Deno.test("Tunnel passes the origin's goodbye on and answers it", async () => {
  for (const code of [1_000, 1_001, 1_011, 4_999]) {
    const { client, origin, ended } = createTestTunnel();
    client.open();
    origin.say(closeFrame(code, "why"));
    await settle();
    assertEquals(client.closedWith, [code, "why"]);
    assertEquals(framesOf(origin.written), [[0x88, payloadOf(code)]]);
    assertEquals([ended(), origin.isClosed], [1, true]);
    client.leaves(code, "why");
    await settle();
    assertEquals(ended(), 1);
  }
});

Deno.test("Tunnel passes a goodbye without a code as one", async () => {
  const { client, origin } = createTestTunnel();
  client.open();
  origin.say("\x88\x00");
  await settle();
  assertEquals([client.closedWith, framesOf(origin.written)], [[], [[0x88, ""]]]);
});

Deno.test("Tunnel tells the origin how the client left, and waits for its answer", async () => {
  const left: readonly (readonly [code: number, payload: string])[] = [
    [1_000, payloadOf(1_000, "bye")],
    [4_001, payloadOf(4_001, "bye")],
    [1_005, ""],
    [1_006, payloadOf(1_001, "bye")],
    [0, payloadOf(1_001, "bye")],
  ];
  for (const [code, payload] of left) {
    const { client, origin, ended } = createTestTunnel();
    client.open();
    client.says("last");
    client.leaves(code, "bye");
    await settle();
    assertEquals(framesOf(origin.written), [[0x81, "last"], [0x88, payload]], `${code}`);
    assertEquals(ended(), 0);
    origin.say("\x88\x00");
    await settle();
    assertEquals([ended(), origin.isClosed], [1, true]);
  }
});

Deno.test("Tunnel does not wait for ever for the origin's goodbye", async () => {
  using time = new FakeTime();
  const { client, origin, ended } = createTestTunnel();
  client.open();
  client.leaves(1_000);
  await time.tickAsync(999);
  assertEquals(ended(), 0);
  await time.tickAsync(2);
  assertEquals([ended(), origin.isClosed], [1, true]);
});

Deno.test("Tunnel says 1011 when the origin breaks off, and its fault when it breaks the rules", async () => {
  const faults: readonly (readonly [said: string, code: number])[] = [
    ["", 1_011],
    ["\x81\x05hal", 1_011],
    ["\xc1\x00", 1_002],
    ["\x81\x01\xff", 1_007],
    ["\x82\x7f\x00\x00\x00\x00\x01\x00\x00\x01", 1_009],
  ];
  for (const [said, code] of faults) {
    const { client, origin, ended } = createTestTunnel();
    client.open();
    if (said) origin.say(said);
    if (code === 1_011) origin.end();
    await settle();
    assertEquals([client.closedWith, ended()], [[code, ""], 1]);
    const told = code === 1_011 ? [] : [[0x88, payloadOf(code)]];
    assertEquals<unknown>(framesOf(origin.written), told);
    client.leaves(code);
  }
});

Deno.test("Tunnel reads no faster than the client takes it", async () => {
  const { client, origin } = createTestTunnel();
  client.open();
  client.bufferedAmount = 2_000_000;
  origin.say("\x81\x01a");
  await settle();
  origin.say("\x81\x01b");
  await new Promise((resolve) => setTimeout(resolve, 40));
  assertEquals(client.sent, ["a"]);
  client.bufferedAmount = 0;
  await new Promise((resolve) => setTimeout(resolve, 120));
  assertEquals(client.sent, ["a", "b"]);
  origin.end();
  await settle();
});

Deno.test("Tunnel sends a client away that says more than the origin takes", async () => {
  const { client, origin, ended } = createTestTunnel();
  origin.write = () => new Promise(() => {});
  client.open();
  const mebibyte = new ArrayBuffer(1_048_576);
  for (let i = 0; i < 8; i++) client.says(mebibyte);
  assertEquals(client.closedWith, undefined);
  client.says(mebibyte);
  assertEquals(client.closedWith, [1_013, ""]);
  for (let i = 0; i < 9; i++) client.says(mebibyte);
  origin.end();
  await settle();
  assertEquals(ended(), 1);
});

Deno.test("Tunnel ends when the client never got its socket", async () => {
  const { client, origin, tunnel } = createTestTunnel();
  client.onerror?.(new Event("error"));
  await settle();
  assertEquals(framesOf(origin.written), [[0x88, payloadOf(1_001)]]);
  client.leaves(0);
  origin.end();
  await settle();
  await tunnel.close();
});

Deno.test("Tunnel leaves the origin when the client's socket does not open", async () => {
  using time = new FakeTime();
  const { origin, ended } = createTestTunnel();
  await time.tickAsync(4_999);
  assertEquals(origin.written, "");
  await time.tickAsync(2);
  assertEquals(framesOf(origin.written), [[0x88, payloadOf(1_001)]]);
  await time.tickAsync(1_001);
  assertEquals(ended(), 1);
});

Deno.test("Tunnel.close() tells both sides and resolves when both have answered", async () => {
  const { client, origin, tunnel } = createTestTunnel();
  client.open();
  let closed = false;
  const closing = tunnel.close().then(() => closed = true);
  await settle();
  assertEquals(client.closedWith, [1_001, ""]);
  assertEquals(framesOf(origin.written), [[0x88, payloadOf(1_001)]]);
  client.leaves(1_001);
  await settle();
  assertEquals(closed, false);
  origin.say(closeFrame(1_001));
  await closing;
});

Deno.test("Tunnel.close() waits no longer than a second", async () => {
  using time = new FakeTime();
  const { client, tunnel } = createTestTunnel();
  client.open();
  let closed = false;
  tunnel.close().then(() => closed = true);
  await pass(time, 1_001);
  assert(closed);
});
