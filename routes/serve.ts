/** Listens, says where, and stops in order when the platform or a person says so. */
import type { Services } from "../src/services.ts";
import { SECOND } from "../src/time.ts";
import type { Gate } from "./gate.ts";
import { listen, type Listener } from "./listen.ts";

/** The platform kills five seconds after SIGINT: this long for answers under way, the rest for KV. */
const ANSWERS_MS = 2 * SECOND;
const STOP_MS = 4.5 * SECOND;

export function serve(gate: Gate, services: Services): Listener {
  const { clock, config, log, site } = services;
  const server = listen({
    hostname: config.HOST,
    port: config.PORT,
    handler: gate,
    // The gate answers whatever its handlers throw; this is for what the runtime itself rejects.
    onError(error) {
      log.error("request.failed", { error });
      return new Response(null, { status: 500 });
    },
    onListen({ hostname, port }) {
      const url = `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
      log.info("server.listening", {
        url,
        site: config.ORIGIN_URL ? config.ORIGIN_URL.host : "demo shop",
        gate: config.GATE_MODE,
      });
      void offerSetup(services, url);
      void services.warmUp();
    },
  }, { clock, log });

  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    log.info("server.stopping");
    // Open streams would hold the shutdown for ever, so they end first.
    const orderly = async () => {
      await site.close();
      await Promise.race([server.shutdown(), after(ANSWERS_MS)]);
      await services.stop();
    };
    await Promise.race([orderly(), after(STOP_MS)]);
    Deno.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
  return server;
}

/** While nobody can sign in, says where the first admin is made. */
async function offerSetup({ config, identity, log }: Services, url: string): Promise<void> {
  try {
    const token = await identity.setup.openLink();
    if (token === undefined) return;
    const link = `${url}${config.BASE_PATH}/admin/setup/${token}`;
    log.info("setup.link", { open: link, valid_minutes: 15 });
  } catch (error) {
    log.warn("setup.no_link", { error });
  }
}

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
