/**
 * Watches how clients behave: failed sign-ins, paths that do not exist, refused requests, attack
 * payloads. Counted in memory at once; in the background the isolates tell each other of clients
 * that are half-way to a threshold. It refuses nobody: it raises events, and the client's risk.
 */
import { keys } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { update } from "../kv/update.ts";
import type { Log } from "../log.ts";
import { createBatchTimer } from "../resilience/batch_timer.ts";
import { createRecent } from "../resilience/recent.ts";
import { type Clock, MINUTE, SECOND } from "../time.ts";
import { createMarkHash } from "./attempts.ts";
import { ClientActivity, type Raised, STRONG_SCORE } from "./client_activity.ts";

/** A client began to behave suspiciously. */
export interface Suspicion extends Raised {
  readonly subject: string;
}

export interface SuspicionOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
  /** How many isolates share the clients; they tell each other the sooner the more they are. */
  readonly isolates?: () => number;
  readonly onSuspicion: (suspicion: Suspicion) => void;
  /** The deployment's key for marks; without one payloads are not shared between isolates. */
  readonly markKey?: Uint8Array;
  /** Clients remembered. */
  readonly clientsMax?: number;
}

export interface SuspicionWatch {
  /**
   * Counts an answer. Statuses below 400 and above 499 say nothing of the client, and neither does
   * an answer that is our own refusal (429, a block, a 499 of a client that left).
   */
  note(subject: string, status: number, refused?: boolean): void;
  /**
   * Counts an attack payload that scored `STRONG_SCORE` or more. Answers how many the client sent
   * in 10 minutes that stand apart: neither the same nor with one of `marks` in common, such as
   * the field. 0 for a weaker one. Payload and marks are kept as hashes with a key.
   */
  notePayload(subject: string, payload: string, score: number, marks?: readonly string[]): number;
  /** Behaviour for the risk formula, 0 to 1, payloads included. */
  riskOf(subject: string): number;
  /** The same from its answers alone. */
  behaviourOf(subject: string): number;
  /** Forgets a client, here at once and for the others in KV. */
  forget(subject: string): Promise<void>;
  /** Tells the others now. */
  flush(): Promise<void>;
  stop(): Promise<void>;
  /** Clients remembered now. */
  readonly size: number;
}

const CLIENTS_MAX = 20_000;
const KEPT_MS = 15 * MINUTE;
const EXCHANGE_MS = 3 * SECOND;
/** Bounds the keys in KV: 500 new ones a minute and isolate, each for 15 minutes. */
const EXCHANGES_PER_RUN = 25;
const QUEUE_MAX = 1_000;
const ATTEMPTS = 4;
const LOG_EVERY_MS = SECOND;

export function createSuspicion(options: SuspicionOptions): SuspicionWatch {
  const { kv, clock, isolates = () => 1, clientsMax = CLIENTS_MAX, markKey } = options;
  const hash = createMarkHash(markKey);
  const clients = createRecent<ClientActivity>(clientsMax);
  const waiting = new Map<string, ClientActivity>();
  const raise = createRaise(options);
  const exchange = createExchange(options, raise);
  let serial = Math.floor(Math.random() * 256);

  const activityOf = (subject: string): ClientActivity => {
    const known = clients.get(subject);
    if (known) return known;
    const activity = new ClientActivity(hash);
    clients.set(subject, activity);
    return activity;
  };

  const offer = (subject: string, activity: ClientActivity) => {
    if (!activity.isWorthSending(isolates()) || waiting.size >= QUEUE_MAX) return;
    waiting.set(subject, activity);
    exchanges.ask();
  };

  const exchanges = createBatchTimer({
    everyMs: EXCHANGE_MS,
    async work() {
      const batch = [...waiting].slice(0, EXCHANGES_PER_RUN);
      for (const [subject] of batch) waiting.delete(subject);
      if (waiting.size > 0) exchanges.ask();
      // Without KV each isolate knows its own part; what was not sent goes with the next failure.
      await Promise.all(
        batch.map(([subject, activity]) =>
          exchange(subject, activity).catch(() => raise(subject, activity.raisedAlone(clock.now())))
        ),
      );
    },
  });

  return {
    note(subject, status, refused = false) {
      if (status < 400 || status > 499 || refused) return;
      const activity = activityOf(subject);
      raise(subject, activity.note(clock.now(), serial = serial + 1 & 255, status));
      offer(subject, activity);
    },
    notePayload(subject, payload, score, marks = []) {
      if (score < STRONG_SCORE) return 0;
      const activity = activityOf(subject);
      const apart = activity.notePayload(clock.now(), payload, marks);
      offer(subject, activity);
      return apart;
    },
    riskOf: (subject) => clients.get(subject)?.risk(clock.now()) ?? 0,
    behaviourOf: (subject) => clients.get(subject)?.behaviour(clock.now()) ?? 0,
    async forget(subject) {
      clients.set(subject, new ClientActivity(hash));
      waiting.delete(subject);
      // What KV keeps all the same ends within minutes.
      await kv.commit((atomic) => atomic.delete(keys.activity(subject))).catch(() => {});
    },
    flush: exchanges.run,
    stop: exchanges.stop,
    get size() {
      return clients.size;
    },
  };
}

type Raise = (subject: string, raised: readonly Raised[]) => void;

/** Joins what this isolate knows of a client with what the others said of it. */
function createExchange({ kv, clock }: SuspicionOptions, raise: Raise) {
  return async (subject: string, activity: ClientActivity): Promise<void> => {
    const sent = activity.beginSending();
    let raised: readonly Raised[] = [];
    const { value } = await update(kv, keys.activity(subject), (stored) => {
      const joined = activity.joined(stored, clock.now());
      raised = joined.raised;
      return joined.activity;
    }, { expireIn: KEPT_MS, attempts: ATTEMPTS });
    raise(subject, raised);
    if (value) raise(subject, activity.adopt(value, sent, clock.now()));
  };
}

/** Tells of suspicions; a flood of them is one line a second. */
function createRaise({ clock, log, onSuspicion }: SuspicionOptions): Raise {
  let loggedAt = -Infinity;
  let suppressed = 0;
  return (subject, raised) => {
    for (const { type, count } of raised) {
      onSuspicion({ subject, type, count });
      if (clock.monotonic() - loggedAt < LOG_EVERY_MS) {
        suppressed++;
        continue;
      }
      log.warn("Suspicious activity", { type, count, suppressed });
      loggedAt = clock.monotonic();
      suppressed = 0;
    }
  };
}
