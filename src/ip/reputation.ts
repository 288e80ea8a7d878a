/**
 * What is said of an address elsewhere, as a number from 0 to 1: by block list feeds, and by
 * providers that are asked in the background. A request only ever looks into memory; who knows
 * nothing says nothing, so a provider that is out never counts against anyone.
 */
import type { ClientAddress } from "../context.ts";
import { keys, type ReputationRecord } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { createRecent } from "../resilience/recent.ts";
import { type Clock, HOUR, SECOND } from "../time.ts";
import type { ProviderDoor } from "./provider_door.ts";
import { isSpecialAddress } from "./special_ranges.ts";

export interface ReputationOptions {
  /** In the order they are asked. */
  readonly providers: readonly ProviderDoor[];
  /** The highest score of the feeds an address is in; 0 for none. */
  readonly feedScore: (ip: string) => number;
  readonly kv: Kv;
  readonly clock: Clock;
  /** Goes into the hash under which an address is kept, so that it tells nobody else anything. */
  readonly salt: () => Promise<string>;
  /** 0 (included) to 1 (excluded). */
  readonly random?: () => number;
}

type Client = Pick<ClientAddress, "ip" | "subject">;

export interface Reputation {
  /** 0 to 1; undefined while nobody said anything. Memory only. */
  peek(client: Client): number | undefined;
  /** Two-letter country a provider named. Memory only. */
  country(client: Client): string | undefined;
  /**
   * Begins a look-up beside the requests unless its result is known. `payload` is the score of what
   * the client sent: from 0.5 on, providers with few questions are asked too.
   */
  want(client: Client, payload?: number): void;
  /** Resolves when nothing is being looked up. */
  idle(): Promise<void>;
  /** Asks now, unless somebody has, or is about to. Rejects when KV does. */
  ask(client: Client, payload: number): Promise<void>;
  /** From now on a wanted address is handed to this queue, which calls `ask`. */
  deferTo(queue: (client: Client, payload: number) => Promise<void>): void;
  stop(): Promise<void>;
}

const MEMORY_MAX = 5_000;
const QUEUE_MAX = 200;
const AT_ONCE = 2;
const CLEAN_MS = 24 * HOUR;
const BAD_MS = 6 * HOUR;
const UNKNOWN_MS = HOUR;
const JITTER = 0.1;
/** A score from which an address is asked for again sooner. */
const BAD = 0.25;
const COSTLY_PAYLOAD = 0.5;
/** Other isolates leave an address alone while one asks about it. */
const PENDING_MS = 10 * SECOND;

export function createReputation(options: ReputationOptions): Reputation {
  const { providers, feedScore, kv, clock, salt } = options;
  const memory = createRecent<ReputationRecord>(MEMORY_MAX);
  const stopping = new AbortController();

  const askAll = createAskAll(options, stopping.signal);
  const keyOf = async ({ subject }: Client) => keys.reputation(await hash(await salt() + subject));
  const isFresh = (record: ReputationRecord | null | undefined) =>
    record ? record.until > clock.now() : false;

  const lookUp = async (client: Client, payload: number) => {
    const { value } = await kv.get(await keyOf(client));
    if (value && isFresh(value)) memory.set(client.subject, value);
    else await deferred(client, payload);
  };

  const ask = async (client: Client, payload: number) => {
    const key = await keyOf(client);
    const { value, versionstamp } = await kv.get(key);
    if (value && isFresh(value)) return void memory.set(client.subject, value);
    const pending = { until: clock.now() + PENDING_MS };
    const claim = await kv.commit((atomic) =>
      atomic.check(key, versionstamp).set(key, pending, { expireIn: PENDING_MS })
    );
    if (!claim.ok) return;
    const record = await askAll(client, payload);
    memory.set(client.subject, record);
    const expireIn = record.until - clock.now();
    await kv.commit((atomic) => atomic.set(key, record, { expireIn }));
  };

  const wanted = createWanted(lookUp);
  let deferred: Reputation["ask"] = ask;

  return {
    ask,
    deferTo(queue) {
      deferred = queue;
    },
    peek({ ip, subject }) {
      const record = memory.get(subject);
      const known = record && isFresh(record) ? record.score : undefined;
      const listed = feedScore(ip);
      if (listed === 0) return known;
      return isSpecialAddress(ip) ? known : Math.max(listed, known ?? 0);
    },
    country: ({ subject }) => memory.get(subject)?.country,
    want(client, payload = 0) {
      if (providers.length === 0 || stopping.signal.aborted) return;
      if (isFresh(memory.get(client.subject)) || isSpecialAddress(client.ip)) return;
      wanted.add(client, payload);
    },
    idle: wanted.idle,
    async stop() {
      stopping.abort();
      wanted.clear();
      await wanted.idle();
    },
  };
}

/** The clients somebody wants to know about, looked up two at a time. */
function createWanted(lookUp: (client: Client, payload: number) => Promise<void>) {
  const queue = new Map<string, { readonly client: Client; readonly payload: number }>();
  const running = new Set<Promise<void>>();

  const work = () => {
    for (const [subject, { client, payload }] of queue) {
      if (running.size >= AT_ONCE) return;
      queue.delete(subject);
      // Without KV nothing is looked up: what is found could not be counted or shared.
      const job: Promise<void> = lookUp(client, payload).catch(() => {}).finally(() => {
        running.delete(job);
        work();
      });
      running.add(job);
    }
  };

  return {
    /** Beyond the bound of the queue nobody is added; the next request asks again. */
    add(client: Client, payload: number) {
      if (queue.size >= QUEUE_MAX) return;
      queue.set(client.subject, { client, payload });
      work();
    },
    clear: () => queue.clear(),
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** Asks the providers one after the other, and says how long their word is kept. */
function createAskAll(
  { providers, clock, random = Math.random }: ReputationOptions,
  signal: AbortSignal,
) {
  return async ({ ip }: Client, payload: number): Promise<ReputationRecord> => {
    let score: number | undefined;
    let country: string | undefined;
    let isDoubtful = payload >= COSTLY_PAYLOAD;
    for (const provider of providers) {
      if (provider.isCostly && !isDoubtful && providers.length > 1) continue;
      const opinion = await provider.ask(ip, signal);
      if (!opinion) continue;
      score = Math.max(score ?? 0, opinion.score);
      country ??= opinion.country;
      isDoubtful ||= opinion.isDoubtful;
    }
    const keptMs = score === undefined ? UNKNOWN_MS : score >= BAD ? BAD_MS : CLEAN_MS;
    const until = clock.now() + Math.round(keptMs * (1 + JITTER * (2 * random() - 1)));
    return { score, country, until };
  };
}

const HASH_BYTES = 16;

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const bytes = [...new Uint8Array(digest, 0, HASH_BYTES)];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
