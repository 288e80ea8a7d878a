/**
 * What a verified token adds to a request, on average over a session: the signature is checked when
 * the token is first seen and again every five minutes, and remembered in between. In one process,
 * without sockets, so that nothing else is measured.
 */
import process from "node:process";
import { createBenchGate, from } from "./world.ts";
import type { Clock } from "../src/time.ts";

const SESSIONS = 300;
/** A visit of a quarter of an hour: its token is checked four times. */
const REQUESTS = 200;
const SESSION_MS = 15 * 60_000;
const ROUNDS = 5;

export async function measureTokens(): Promise<string[]> {
  const alone = await measure("ip:200/1m");
  // All sessions are one user's here, so that user may do more than a person could.
  const limited = await measure("ip:200/1m,user:9000000/1m");
  return [
    `${SESSIONS} sessions of ${REQUESTS} requests in 15 minutes, each with an access token of its own`,
    `  the verified token adds ${alone.toFixed(1)} us of CPU to a request, ` +
    `with a limit for its user ${limited.toFixed(1)} us`,
  ];
}

async function measure(limits: string): Promise<number> {
  const world = await createWorld(limits);
  const differences: number[] = [];
  await world.run(world.anonymous);
  await world.run(await world.sessions());
  for (let round = 0; round < ROUNDS; round++) {
    const without = await world.run(world.anonymous);
    differences.push(await world.run(await world.sessions()) - without);
  }
  await world.stop();
  return differences.sort((a, b) => a - b)[ROUNDS >> 1];
}

async function createWorld(limits: string) {
  let now = Date.UTC(2026, 10, 21);
  const clock: Clock = { now: () => Math.floor(now), monotonic: () => now };
  const env = { LIMIT_STORE: limits };
  const { gate, services } = await createBenchGate(clock, await Deno.openKv(":memory:"), env);
  const { identity } = services;
  const email = "bench@example.com";
  const password = "correct horse battery";
  const setup = await identity.setup.openLink();
  await identity.setup.redeem({ token: setup ?? "", email, password }, "bench");
  const client = { device: "bench", address: "127.0.0.1" };
  const { refreshToken } = await identity.signIn.withTokens({ email, password, client });
  let refresh = refreshToken;

  const visitor = (index: number) => from(`10.${index >> 8 & 255}.${index & 255}.7`);

  return {
    anonymous: Array.from({ length: SESSIONS }, () => new Request("http://shop/us/products")),

    /** One request with a new token for each session; rotating makes new tokens. */
    async sessions() {
      const requests: Request[] = [];
      for (let index = 0; index < SESSIONS; index++) {
        const pair = await identity.signIn.refresh(refresh);
        refresh = pair.refreshToken;
        const headers = { authorization: `Bearer ${pair.accessToken}` };
        requests.push(new Request("http://shop/us/products", { headers }));
      }
      return requests;
    },

    /** Microseconds of CPU a request. */
    async run(requests: readonly Request[]): Promise<number> {
      const before = process.cpuUsage();
      for (let turn = 0; turn < REQUESTS; turn++) {
        now += SESSION_MS / REQUESTS;
        for (const [index, request] of requests.entries()) await gate(request, visitor(index));
      }
      const { user, system } = process.cpuUsage(before);
      return (user + system) / (REQUESTS * requests.length);
    },
    stop: () => services.stop(),
  };
}

if (import.meta.main) console.log((await measureTokens()).join("\n"));
