/**
 * Security events in KV, under their UTC day, newest found first; and by the request they belong
 * to, so that a refusal can be explained from its request id. Written in batches.
 */
import { AppError } from "../errors/app_error.ts";
import { keys, prefixes, type SecurityEvent } from "../kv/keys.ts";
import type { Kv, Page } from "../kv/kv.ts";
import type { ListPage, ListPageOptions } from "../kv/list_pages.ts";
import { createRecent } from "../resilience/recent.ts";
import { type Clock, DAY } from "../time.ts";
import type { NewSecurityEvent } from "./event_types.ts";

export interface EventsQuery extends ListPageOptions {
  readonly type?: string;
  readonly action?: string;
  readonly ip?: string;
  readonly minScore?: number;
  /** Unix times in milliseconds, both included. */
  readonly from?: number;
  readonly to?: number;
}

export interface SecurityEventsOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  /** `SECURITY_EVENT_DAYS`. */
  readonly days: number;
}

export interface SecurityEvents {
  /** Remembers the event, and keeps it in KV with the next flush if `isKept`. */
  add(event: NewSecurityEvent, isKept: boolean): void;
  find(requestId: string): Promise<SecurityEvent | undefined>;
  /** Newest first. A page may be short, even empty, and still have a cursor. */
  list(query: EventsQuery): Promise<ListPage<SecurityEvent>>;
  flush(): Promise<void>;
  readonly waiting: number;
}

const TEXT_MAX = 200;
const REQUEST_ID_MAX = 128;
const SIGNALS_MAX = 12;
const WAITING_MAX = 500;
/** Two mutations each, and at most 6 KB: within one commit. */
const PER_COMMIT = 100;
/** Refusals of this isolate that can be explained although they were not kept. */
const EXPLAINED_MAX = 2_000;
/** Reads of one list call; a rare filter is then continued by the cursor. */
const SCANS_MAX = 20;

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const cut = (text: string | undefined, max = TEXT_MAX) => text?.slice(0, max);

export function createSecurityEvents(options: SecurityEventsOptions): SecurityEvents {
  const { kv, clock, days } = options;
  const byRequest = createRecent<SecurityEvent>(EXPLAINED_MAX);
  let waiting: SecurityEvent[] = [];

  const write = async (batch: readonly SecurityEvent[]) => {
    const expireIn = days * DAY;
    await kv.commit((atomic) => {
      for (const event of batch) {
        const { id, requestId } = event;
        const day = dayOf(event.at);
        atomic.set(keys.securityEvent(day, id), event, { expireIn });
        if (requestId) atomic.set(keys.securityEventOf(requestId), { day, id }, { expireIn });
      }
    });
  };

  return {
    add(event, isKept) {
      const stored = record(event, clock.now());
      if (stored.requestId) byRequest.set(stored.requestId, stored);
      if (isKept && waiting.length < WAITING_MAX) waiting.push(stored);
    },
    async find(requestId) {
      const id = requestId.slice(0, REQUEST_ID_MAX);
      const here = byRequest.get(id);
      if (here || id === "") return here;
      const { value: place } = await kv.get(keys.securityEventOf(id));
      if (!place) return undefined;
      return (await kv.get(keys.securityEvent(place.day, place.id))).value ?? undefined;
    },
    async list(query) {
      const now = clock.now();
      const from = Math.max(query.from ?? 0, now - days * DAY);
      const to = Math.min(query.to ?? now, now);
      const matches = matcher(query, from, to);
      const items: SecurityEvent[] = [];
      let place: Place | undefined = query.cursor === undefined
        ? { day: dayOf(Math.max(to, from)) }
        : readPlace(query.cursor);
      for (let scans = 0; place && scans < SCANS_MAX && items.length < query.limit; scans++) {
        const { day, cursor }: Place = place;
        // Never more rows than still fit, so that the cursor stands behind the last one shown.
        const limit = query.limit - items.length;
        const page: Page<SecurityEvent> = await kv.page(prefixes.securityEvents(day), {
          limit,
          cursor,
          reverse: true,
        });
        items.push(...page.items.map(({ value }) => value).filter(matches));
        place = page.next_cursor === null
          ? dayBefore(day, from)
          : { day, cursor: page.next_cursor };
      }
      return { items, next_cursor: place ? `${place.day}.${place.cursor ?? ""}` : null };
    },
    async flush() {
      while (waiting.length > 0) {
        const batch = waiting.slice(0, PER_COMMIT);
        await write(batch);
        waiting = waiting.slice(batch.length);
      }
    },
    get waiting() {
      return waiting.length;
    },
  };
}

function record(event: NewSecurityEvent, at: number): SecurityEvent {
  return {
    ...event,
    id: `${at}-${crypto.randomUUID().slice(0, 8)}`,
    at,
    requestId: cut(event.requestId, REQUEST_ID_MAX),
    path: cut(event.path),
    method: cut(event.method),
    user: cut(event.user),
    signals: event.signals?.slice(0, SIGNALS_MAX).map(({ name, confidence, field, excerpt }) => ({
      name: name.slice(0, TEXT_MAX),
      confidence,
      field: cut(field),
      excerpt: cut(excerpt),
    })),
  };
}

function matcher(query: EventsQuery, from: number, to: number) {
  const { type, action, ip, minScore } = query;
  return (event: SecurityEvent) =>
    event.at >= from && event.at <= to &&
    (type === undefined || event.type === type) &&
    (action === undefined || event.action === action) &&
    (ip === undefined || event.ip === ip) &&
    (minScore === undefined || (event.score ?? 0) >= minScore);
}

/** Where a list goes on: a day, and the place in it that KV gave. */
interface Place {
  readonly day: string;
  readonly cursor?: string;
}

function dayBefore(day: string, from: number): Place | undefined {
  const end = Date.parse(day) - 1;
  return end >= from ? { day: dayOf(end) } : undefined;
}

function readPlace(text: string): Place {
  const [, day, cursor] = /^(\d{4}-\d{2}-\d{2})\.([\w-]{0,4096})$/.exec(text) ?? [];
  if (!day || Number.isNaN(Date.parse(day))) throw new AppError("INVALID_CURSOR");
  return { day, cursor: cursor || undefined };
}
