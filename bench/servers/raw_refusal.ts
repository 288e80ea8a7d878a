/**
 * The floor under a refusal: `Deno.serve` alone, without a framework or a decision, reading what
 * any gate must read (address, path, two fields) and sending the same status, fields and body as
 * the gate's 429. What the gate costs is what it takes above this.
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

const init = { status: 429, headers: { "content-type": refused.headers.get("content-type")! } };

function answer(): Response {
  const response = new Response(body, init);
  const { headers } = response;
  for (let i = 0; i < fields.length; i++) headers.append(fields[i][0], fields[i][1]);
  return response;
}

let read = 0;
const handler = (request: Request, { remoteAddr }: Deno.ServeHandlerInfo<Deno.NetAddr>) => {
  read += remoteAddr.hostname.length + request.url.length + request.method.length;
  read += Number(request.headers.has("authorization")) + Number(request.headers.has("accept"));
  return answer();
};
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen() {} }, handler);
