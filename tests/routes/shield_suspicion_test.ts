/** Clients whose answers tell on them: which events they raise, how often, and which do not count. */
import { assertEquals, assertMatch } from "@std/assert";
import { MINUTE, SECOND } from "../../src/time.ts";
import { createTestClock } from "../_clock.ts";
import { createFaultKv } from "../_fault_kv.ts";
import { searchFor, SQL } from "./_attacks.ts";
import { type IdentityApp, itemsOf, openIdentityApp, PASSWORD } from "./_identity_app.ts";

const METRICS_TOKEN = "a-token-for-scrapes";
const TYPES = ["credential_stuffing", "endpoint_scanning", "abuse"];

/** The suspicions raised so far, as the events say them: type and address. */
async function suspicionsOf(app: IdentityApp, token: string): Promise<[unknown, unknown][]> {
  const events = itemsOf(await app.get("/api/v1/security/events?limit=100", { token }));
  return events.filter(({ type }) => TYPES.includes(String(type)))
    .map(({ type, ip }): [unknown, unknown] => [type, ip]).sort();
}

/** As many of the same request, 10 s apart; answers the statuses they got. */
async function repeat(app: IdentityApp, times: number, send: () => Promise<{ status: number }>) {
  const statuses = new Map<number, number>();
  for (let at = 0; at < times; at++) {
    const { status } = await send();
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    app.clock.turn(10 * SECOND);
  }
  return Object.fromEntries(statuses);
}

Deno.test("6 failed sign-ins, 11 unknown paths and 21 refused requests raise one event each", async () => {
  // The limit of sign-ins as it comes: the sixth one is refused by it.
  const env = { METRICS_TOKEN, LIMIT_AUTH: "ip:5/5m,account:5/5m" };
  await using app = await openIdentityApp({ env });
  const { token } = await app.person("analyst");
  await app.person("user", "victim");
  const guess = () =>
    app.post("/api/v1/auth/login", {
      from: "198.51.100.1",
      json: { email: "victim@shop.example", password: `${PASSWORD}!` },
    });
  const scan = () => app.get("/us/no-such-page", { from: "198.51.100.2" });
  const pester = () => app.send("DELETE", "/us/products", { from: "198.51.100.3" });
  assertEquals(await repeat(app, 6, guess), { 401: 5, 429: 1 });
  assertEquals(await repeat(app, 11, scan), { 404: 11 });
  assertEquals(await repeat(app, 21, pester), { 405: 21 });

  assertEquals(await suspicionsOf(app, token), [
    ["abuse", "198.51.100.3"],
    ["credential_stuffing", "198.51.100.1"],
    ["endpoint_scanning", "198.51.100.2"],
  ]);
  const metrics = await app.get("/metrics", { token: METRICS_TOKEN });
  for (const type of TYPES) {
    assertMatch(
      metrics.text,
      new RegExp(`^\\w+_security_suspicious_activity_total{[^}]*"${type}"[^}]*} 1$`, "m"),
    );
  }
  const report = (await app.get("/api/v1/monitoring/security", { token })).json();
  assertEquals(report.suspicious, { credential_stuffing: 1, endpoint_scanning: 1, abuse: 1 });
});

Deno.test("4 failed sign-ins, 9 unknown paths and 19 refused requests raise nothing", async () => {
  await using app = await openIdentityApp();
  const { token } = await app.person("analyst");
  const wrong = { email: "nobody@shop.example", password: PASSWORD };
  await repeat(app, 4, () => app.post("/api/v1/auth/login", { from: "198.51.100.1", json: wrong }));
  await repeat(app, 9, () => app.get("/us/no-such-page", { from: "198.51.100.2" }));
  await repeat(app, 19, () => app.send("DELETE", "/us/products", { from: "198.51.100.3" }));
  app.clock.turn(5 * MINUTE);
  await repeat(app, 9, () => app.get("/us/no-such-page", { from: "198.51.100.2" }));
  assertEquals(await suspicionsOf(app, token), []);
});

Deno.test("what the gate itself refuses does not count: limits, attacks, blocks", async () => {
  await using app = await openIdentityApp({ env: { LIMIT_STORE: "ip:5/1m" } });
  const { token } = await app.person("analyst");
  const burst = async (path: string, from: string) => {
    const statuses = new Set<number>();
    for (let at = 0; at < 60; at++) statuses.add((await app.get(path, { from })).status);
    return [...statuses];
  };
  assertEquals(await burst("/us/products", "198.51.100.1"), [200, 429]);
  assertEquals(await burst(searchFor(SQL), "198.51.100.2"), [403, 429]);
  assertEquals(await suspicionsOf(app, token), []);
});

Deno.test("11 unknown paths over two isolates raise one event for both", async () => {
  const over = await Deno.openKv(":memory:");
  {
    const clock = createTestClock();
    await using one = await openIdentityApp({ clock, rawKv: await createFaultKv({ over }) });
    await using other = await openIdentityApp({ clock, rawKv: await createFaultKv({ over }) });
    const { token } = await one.person("analyst");
    for (const app of [one, other, one, other]) {
      await repeat(app, 3, () => app.get("/us/no-such-page", { from: "198.51.100.2" }));
      await app.services.suspicion.flush();
    }
    await other.services.incidents.flush();
    assertEquals(await suspicionsOf(one, token), [["endpoint_scanning", "198.51.100.2"]]);
  }
  over.close();
});
