/**
 * Keeps the app listening. The runtime ends a server for good when it cannot accept a connection,
 * as when every file descriptor of the process is taken. Then the old server's idle connections
 * are ended, which frees theirs, its answers under way are finished, and a new one takes the port.
 */
import { ConfigError } from "../src/config.ts";
import type { Log } from "../src/log.ts";
import { type Clock, SECOND } from "../src/time.ts";

export type ServerOptions = Deno.ServeTcpOptions & Deno.ServeInit<Deno.NetAddr>;

/** What is needed of `Deno.HttpServer`. */
export type Server = Pick<Deno.HttpServer<Deno.NetAddr>, "addr" | "finished" | "shutdown">;

export interface ListenOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** `Deno.serve`, unless a test knows better. */
  readonly start?: (options: ServerOptions) => Server;
}

/** How long nobody listens after a failure: doubled with each that follows soon, up to a second. */
const PAUSE_MIN_MS = 50;
const PAUSE_MAX_MS = SECOND;
/** A server that lasted so long before it failed had recovered from the failure before. */
const STEADY_MS = 10 * SECOND;

/** @throws ConfigError that names the setting where the address cannot be had at the start. */
export function listen(server: ServerOptions, options: ListenOptions): Listener {
  try {
    return new Listener(server, options);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { hostname, port } = server;
    throw new ConfigError(`Cannot listen on HOST=${hostname} PORT=${port}: ${error.message}`);
  }
}

export class Listener {
  readonly #options: ServerOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #start: (options: ServerOptions) => Server;
  /** Servers that finish their answers, the one that listens among them; each leaves when done. */
  readonly #open = new Set<Server>();
  #startedAt = 0;
  #pauseMs = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #stopping = false;

  constructor(options: ServerOptions, { clock, log, start = Deno.serve }: ListenOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#start = start;
    const { port } = this.#listen(options).addr;
    // The port that was free the first time is the one that everybody knows by now.
    this.#options = { ...options, port, onListen: () => log.info("server.listening_again") };
  }

  /** Ends idle connections, and resolves when every answer under way is sent. */
  async shutdown(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#pause);
    await Promise.all(Array.from(this.#open, (server) => this.#drain(server)));
  }

  #listen(options: ServerOptions): Server {
    const server = this.#start(options);
    this.#startedAt = this.#clock.monotonic();
    this.#open.add(server);
    server.finished.catch((error) => {
      void this.#drain(server);
      this.#retry(error);
    });
    return server;
  }

  async #drain(server: Server): Promise<void> {
    try {
      await server.shutdown();
    } catch (error) {
      this.#log.warn("server.not_drained", { error });
    }
    this.#open.delete(server);
  }

  #retry(error: unknown): void {
    if (this.#stopping) return;
    const steady = this.#clock.monotonic() - this.#startedAt >= STEADY_MS;
    this.#pauseMs = steady ? PAUSE_MIN_MS : Math.min(this.#pauseMs * 2, PAUSE_MAX_MS);
    this.#pauseMs = Math.max(this.#pauseMs, PAUSE_MIN_MS);
    this.#log.warn("server.accept_failed", { error, pause_ms: this.#pauseMs });
    this.#pause = setTimeout(() => {
      try {
        this.#listen(this.#options);
      } catch (error) {
        this.#retry(error);
      }
    }, this.#pauseMs);
  }
}
