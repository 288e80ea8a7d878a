/** What a flood from a million addresses, one request each, leaves in memory and in KV. */
import { createTestClock } from "../tests/_clock.ts";
import { createBenchGate, from } from "./world.ts";

const ADDRESSES = 1_000_000;
const MEBI = 1024 * 1024;

export async function measureAddresses(): Promise<string[]> {
  const clock = createTestClock();
  const kv = await Deno.openKv(":memory:");
  const { gate, services } = await createBenchGate(clock, kv);
  const request = new Request("http://shop/us/products");
  const before = Deno.memoryUsage();
  let peak = 0;
  for (let i = 0; i < ADDRESSES; i++) {
    if (i % 1_000 === 0) {
      clock.turn(20);
      peak = Math.max(peak, Deno.memoryUsage().rss);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await gate(request, from(`${1 + (i >> 16) % 200}.${i >> 16 & 255}.${i >> 8 & 255}.${i & 255}`));
  }
  const trips = [...services.metrics.rateLimitTrips.counts.values()].reduce((a, b) => a + b, 0);
  await services.stop();
  const mebi = (bytes: number) => `${(bytes / MEBI).toFixed(0)} MiB`;
  return [
    `${ADDRESSES.toLocaleString("en")} addresses, one request each, in 20 s of the gate's time`,
    `  RSS ${mebi(before.rss)} before, ${mebi(peak)} at the peak; heap ` +
    `${mebi(before.heapUsed)} before, ${
      mebi(Deno.memoryUsage().heapUsed)
    } after; ${trips} KV trips`,
  ];
}
