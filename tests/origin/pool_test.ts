import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { AppError } from "../../src/errors/app_error.ts";
import { createDialer, createPool } from "../../src/origin/pool.ts";
import { createTestClock } from "../_clock.ts";
import { createTestSocket, settle, type TestSocket } from "./_socket.ts";

function createTestPool(openMax = 1_000) {
  const clock = createTestClock();
  const sockets: TestSocket[] = [];
  const dial = () => {
    const socket = createTestSocket();
    sockets.push(socket);
    return Promise.resolve(socket);
  };
  return { pool: createPool({ dial, clock, openMax }), clock, sockets };
}

Deno.test("pool gives the connection that was used last", async () => {
  const { pool } = createTestPool();
  assertEquals(pool.takeIdle(), undefined);
  const [first, second] = [await pool.dial(), await pool.dial()];
  pool.release(first);
  pool.release(second);
  assertStrictEquals(pool.takeIdle(), second);
  assertStrictEquals(pool.takeIdle(), first);
  assertEquals(pool.takeIdle(), undefined);
  assertEquals(pool.size, 2);
  pool.discard(first);
  pool.discard(second);
});

Deno.test("pool closes what was idle for 4 s", async () => {
  const { pool, clock, sockets } = createTestPool();
  pool.release(await pool.dial());
  clock.turn(3_999);
  const kept = pool.takeIdle();
  assert(kept);
  pool.release(kept);
  clock.turn(4_000);
  assertEquals(pool.takeIdle(), undefined);
  assertEquals([pool.size, sockets[0].isClosed], [0, true]);
});

Deno.test("pool closes old connections when younger ones come back", async () => {
  const { pool, clock, sockets } = createTestPool();
  const [old, young] = [await pool.dial(), await pool.dial()];
  pool.release(old);
  clock.turn(4_000);
  pool.release(young);
  assertEquals(sockets.map(({ isClosed }) => isClosed), [true, false]);
  pool.close();
});

Deno.test("pool forgets a connection that the origin closed while it was idle", async () => {
  const { pool, sockets } = createTestPool();
  pool.release(await pool.dial());
  sockets[0].end();
  await settle();
  assertEquals([pool.takeIdle(), pool.size, sockets[0].isClosed], [undefined, 0, true]);
});

Deno.test("pool does not close a connection in use when its answer comes", async () => {
  const { pool, sockets } = createTestPool();
  pool.release(await pool.dial());
  const connection = pool.takeIdle();
  sockets[0].say("answer");
  await settle();
  assertEquals(sockets[0].isClosed, false);
  assert(await connection?.fill());
  pool.close();
});

Deno.test("pool keeps at most 128 idle connections", async () => {
  const { pool } = createTestPool();
  const connections = [];
  for (let i = 0; i < 200; i++) connections.push(await pool.dial());
  for (const connection of connections) pool.release(connection);
  assertEquals(pool.size, 128);
  pool.close();
  assertEquals(pool.size, 0);
});

Deno.test("pool.dial() refuses at the bound, and counts what is on its way", async () => {
  const { pool } = createTestPool(2);
  const dials = [pool.dial(), pool.dial()];
  const error = await assertRejects(() => pool.dial(), AppError);
  assert(error instanceof AppError);
  assertEquals(error.code, "TEMPORARILY_UNAVAILABLE");
  assertEquals(error.options.headers, { "retry-after": "1" });
  pool.discard(await dials[0]);
  await pool.dial();
});

Deno.test("pool.dial() that fails takes no place", async () => {
  const dial = () => Promise.reject(new Error("refused"));
  const pool = createPool({ dial, clock: createTestClock(), openMax: 1 });
  for (let i = 0; i < 3; i++) await assertRejects(() => pool.dial(), Error, "refused");
  assertEquals(pool.size, 0);
});

Deno.test("pool.close() closes idle connections, and those released later", async () => {
  const { pool, sockets } = createTestPool();
  const [idle, busy] = [await pool.dial(), await pool.dial()];
  pool.release(idle);
  pool.close();
  assertEquals(sockets.map(({ isClosed }) => isClosed), [true, false]);
  pool.release(busy);
  assertEquals(sockets.map(({ isClosed }) => isClosed), [true, true]);
});

Deno.test("createDialer() reaches hosts by name and by either kind of address", async () => {
  const hosts = [["127.0.0.1", "127.0.0.1"], ["127.0.0.1", "localhost"], ["::1", "[::1]"]];
  for (const [listens, called] of hosts) {
    using listener = Deno.listen({ hostname: listens, port: 0 });
    const socket = await createDialer(new URL(`http://${called}:${listener.addr.port}/app`))();
    using accepted = await listener.accept();
    await socket.write(new Uint8Array([7]));
    const bytes = new Uint8Array(1);
    await accepted.read(bytes);
    assertEquals(bytes[0], 7);
    socket.close();
  }
});
