/** A gate in this process with a clock that is turned by hand, for what needs no sockets. */
import { createFailures } from "../routes/failure.ts";
import { createGate, type Gate } from "../routes/gate.ts";
import { parseConfig } from "../src/config.ts";
import { silentLog } from "../src/log.ts";
import { createServices, type Services } from "../src/services.ts";
import type { Clock } from "../src/time.ts";

export interface BenchGate {
  readonly gate: Gate;
  readonly services: Services;
}

/** A gate whose site answers at once; several on one KV are a fleet. */
export async function createBenchGate(
  clock: Clock,
  rawKv: Deno.Kv,
  env: Readonly<Record<string, string>> = {},
): Promise<BenchGate> {
  const config = parseConfig({ KV_PATH: ":memory:", ...env });
  const services = await createServices({ config, clock, log: silentLog, fetch, rawKv });
  const site = { ...services.site, handle: () => new Response("hello") };
  const gate = createGate({ ...services, site }, createFailures(services), () => new Response());
  return { gate, services };
}

export const from = (hostname: string): Pick<Deno.ServeHandlerInfo, "remoteAddr"> => ({
  remoteAddr: { transport: "tcp", hostname, port: 1 },
});
