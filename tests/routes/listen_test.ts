/** The listener that outlives its servers, with servers that fail on demand. */
import { assertEquals, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { listen, type Server, type ServerOptions } from "../../routes/listen.ts";
import { ConfigError } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { createTestClock } from "../_clock.ts";
import { pass } from "../_fake_time.ts";

interface TestServer extends Server {
  readonly port: number | undefined;
  /** Ends it as the runtime does when it cannot accept. */
  fail(): void;
  readonly drained: boolean;
}

function createBed() {
  const clock = createTestClock();
  const lines: { event: string; pause_ms?: number }[] = [];
  const log = createLog({ level: "info", clock, write: (line) => lines.push(JSON.parse(line)) });
  const servers: TestServer[] = [];
  let refusals = 0;
  const start = ({ port, onListen }: ServerOptions): Server => {
    if (refusals-- > 0) throw new Error("Too many open files (os error 24)");
    const finished = Promise.withResolvers<void>();
    const addr: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: port || 4_321 };
    let drained = false;
    servers.push({
      addr,
      port,
      finished: finished.promise,
      fail: () => finished.reject(new Error("Too many open files (os error 24)")),
      shutdown() {
        drained = true;
        finished.resolve();
        return Promise.resolve();
      },
      get drained() {
        return drained;
      },
    });
    onListen?.(addr);
    return servers.at(-1)!;
  };
  let told = 0;
  const begin = (port = 0) =>
    listen({ hostname: "127.0.0.1", port, handler: () => new Response(), onListen: () => told++ }, {
      clock,
      log,
      start,
    });
  const pauses = () => lines.flatMap(({ pause_ms }) => pause_ms ?? []);
  const refuse = (times: number) => refusals = times;
  return { clock, lines, servers, begin, pauses, refuse, told: () => told };
}

Deno.test("listen() takes the same port again 50 ms after the runtime gave up, and drains", async () => {
  using time = new FakeTime();
  const { servers, begin, lines, told } = createBed();
  begin();
  servers[0].fail();
  await pass(time, 0);
  assertEquals([servers.length, servers[0].drained], [1, true]);
  await pass(time, 50);
  assertEquals(servers.map(({ port }) => port), [0, 4_321]);
  assertEquals(lines.map(({ event }) => event), [
    "server.accept_failed",
    "server.listening_again",
  ]);
  // What happens once, at the start, does not happen again.
  assertEquals(told(), 1);
});

Deno.test("listen() pauses longer while it fails, at most a second, and for ever", async () => {
  using time = new FakeTime();
  const { servers, begin, pauses, refuse, clock } = createBed();
  begin();
  refuse(8);
  servers[0].fail();
  for (let ms = 0; ms < 8_000; ms += 50) await pass(time, 50);
  assertEquals(pauses(), [50, 100, 200, 400, 800, 1_000, 1_000, 1_000, 1_000]);
  assertEquals(servers.length, 2);
  // One that fails at once goes on where the last left off; one that lasted begins anew.
  servers[1].fail();
  await pass(time, 1_000);
  clock.turn(10_000);
  servers[2].fail();
  await pass(time, 50);
  assertEquals(pauses().slice(-2), [1_000, 50]);
});

Deno.test("listener.shutdown() drains those that finish answers, and nobody listens again", async () => {
  const waits = { "while it listens": false, "in a pause": true };
  for (const [name, inPause] of Object.entries(waits)) {
    using time = new FakeTime();
    const { servers, begin } = createBed();
    const listener = begin();
    if (inPause) {
      servers[0].fail();
      await pass(time, 10);
    }
    await listener.shutdown();
    await pass(time, 5_000);
    assertEquals([servers.length, servers[0].drained], [1, true], name);
  }
});

Deno.test("listen() that cannot begin names the settings", () => {
  const { begin, refuse } = createBed();
  refuse(1);
  assertThrows(() => begin(80), ConfigError, "HOST=127.0.0.1 PORT=80");
});
