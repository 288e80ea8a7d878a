/**
 * The connections to the origin: how many there may be, and which idle one the next request gets.
 * The last one used is taken first, so that the others grow old and are closed.
 */
import { AppError } from "../errors/app_error.ts";
import { type Clock, SECOND } from "../time.ts";
import { Connection, type Socket } from "./connection.ts";

/** Node.js hangs up after 5 s of silence; a request sent at that moment would be lost. */
const IDLE_MS = 4 * SECOND;
const IDLE_MAX = 128;

export interface PoolOptions {
  /** Opens a new connection to the origin. */
  readonly dial: () => Promise<Socket>;
  readonly clock: Clock;
  /** How many connections may be open at once, WebSockets and streams included. */
  readonly openMax: number;
}

export interface Pool {
  /** Connections open now. */
  readonly size: number;
  /** An idle connection that may be used again, if there is one. */
  takeIdle(): Connection | undefined;
  /** @throws AppError `TEMPORARILY_UNAVAILABLE` at the bound; whatever `dial` throws. */
  dial(): Promise<Connection>;
  /** Keeps a connection whose answer was read to its end for the next request. */
  release(connection: Connection): void;
  discard(connection: Connection): void;
  /** Closes what is idle now, and whatever is released later. */
  close(): void;
}

export function createPool({ dial, clock, openMax }: PoolOptions): Pool {
  const open = new Set<Connection>();
  const idle: { connection: Connection; since: number }[] = [];
  let dialling = 0;
  let closed = false;

  const discard = (connection: Connection) => {
    open.delete(connection);
    connection.close();
  };
  const forget = (connection: Connection) => {
    const at = idle.findIndex((entry) => entry.connection === connection);
    if (at === -1) return;
    idle.splice(at, 1);
    discard(connection);
  };
  const isFresh = (since: number) => clock.monotonic() - since < IDLE_MS;

  return {
    get size() {
      return open.size + dialling;
    },
    takeIdle() {
      for (let entry = idle.pop(); entry; entry = idle.pop()) {
        if (isFresh(entry.since)) return entry.connection;
        discard(entry.connection);
      }
    },
    async dial() {
      if (open.size + dialling >= openMax) {
        throw new AppError("TEMPORARILY_UNAVAILABLE", { headers: { "retry-after": "1" } });
      }
      dialling++;
      try {
        const connection = new Connection(await dial());
        open.add(connection);
        return connection;
      } finally {
        dialling--;
      }
    },
    release(connection) {
      if (closed) return discard(connection);
      idle.push({ connection, since: clock.monotonic() });
      connection.watch(() => forget(connection));
      const [oldest] = idle;
      if (idle.length > IDLE_MAX || !isFresh(oldest.since)) forget(oldest.connection);
    },
    discard,
    close() {
      closed = true;
      for (const { connection } of idle.splice(0)) discard(connection);
    },
  };
}

/** How the address of an origin is reached: TCP, and TLS on it for `https:`. */
export function createDialer({ protocol, hostname, port }: URL): () => Promise<Socket> {
  const secure = protocol === "https:";
  const bare = hostname.replace(/^\[|\]$/g, "");
  const address = { hostname: bare, port: Number(port || (secure ? 443 : 80)) };
  return async () => {
    const connection = await Deno.connect(address);
    // A head and its body are two writes; else the second would wait for the first's receipt.
    connection.setNoDelay(true);
    if (!secure) return connection;
    return await Deno.startTls(connection, { hostname: bare, alpnProtocols: ["http/1.1"] });
  };
}
