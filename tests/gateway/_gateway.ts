/**
 * The smallest server around `createProxy`: what the gate would know of each request, and nothing
 * that refuses. Started as a process of its own, so that its memory is the gateway's alone.
 * Prints the URL it listens at.
 */
import { environment } from "../../src/config.ts";
import type { GateContext } from "../../src/context.ts";
import { AppError } from "../../src/errors/app_error.ts";
import { problem } from "../../src/errors/problem.ts";
import { isSpecialAddress } from "../../src/ip/special_ranges.ts";
import { createProxy } from "../../src/origin/proxy.ts";
import { toldHost } from "../../src/origin/told_host.ts";

const env = environment();
const origin = new URL(env.ORIGIN_URL);
const proxy = createProxy({
  origin,
  toldHost: toldHost({ setting: env.ORIGIN_HOST, origin, isLocalAddress: isSpecialAddress }),
  timeoutMs: Number(env.ORIGIN_TIMEOUT_SECONDS ?? 30) * 1_000,
  deploymentId: env.DEPLOYMENT_ID ?? "test",
});
let requests = 0;

const server = Deno.serve({
  hostname: "127.0.0.1",
  port: Number(env.PORT),
  onListen: ({ port }) => console.log(`http://127.0.0.1:${port}`),
  onError: () => new Response(null, { status: 500 }),
}, async (request, { remoteAddr }) => {
  const context = contextOf(request, remoteAddr.hostname);
  try {
    const response = await proxy.handle(request, context);
    // A 101 is the runtime's own; Deno 2.5 lets nobody change it.
    if (response.status !== 101) response.headers.append("x-request-id", context.requestId);
    return response;
  } catch (error) {
    if (error instanceof AppError) return problem(error.code, context.requestId, error.options);
    throw error;
  }
});

function contextOf(request: Request, ip: string): GateContext {
  return {
    requestId: `test-${++requests}`,
    path: "/",
    client: { ip, subject: ip, peer: ip, viaTrustedProxy: false },
    scheme: "http",
    host: request.headers.get("host") ?? "",
    nonce: () => "",
    remoteAddr: { transport: "tcp", hostname: ip, port: 0 },
  };
}

Deno.addSignalListener("SIGTERM", async () => {
  await proxy.close();
  await server.shutdown();
  Deno.exit(0);
});
