/**
 * The floor under a refusal: `Deno.serve` alone, without a framework or a decision, sending the
 * same status, fields and body as the gate's 429. What the gate costs is what it takes above this.
 */
import { createBenchGate, from } from "../world.ts";
import { systemClock } from "../../src/time.ts";

const { gate, services } = await createBenchGate(systemClock, await Deno.openKv(":memory:"));
const request = new Request("http://shop/us/products");
let refused = await gate(request, from("127.0.0.1"));
while (refused.status !== 429) refused = await gate(request, from("127.0.0.1"));
const body = await refused.text();
const fields = [...refused.headers].filter(([name]) => name !== "content-type");
await services.stop();

function answer(): Response {
  const response = new Response(body, { status: 429 });
  const { headers } = response;
  headers.set("content-type", refused.headers.get("content-type")!);
  for (let i = 0; i < fields.length; i++) headers.append(fields[i][0], fields[i][1]);
  return response;
}

// A handler with a parameter: without one Deno makes no request at all, which no gate can do.
const handler = (_request: Request) => answer();
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen() {} }, handler);
