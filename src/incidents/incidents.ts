/**
 * What happened to the site's security: events to look up, indicators to look for, counts to report.
 * Noting one costs a request some memory work and nothing else; writing goes on beside it, in
 * batches, and a KV that is out only delays it. Addresses are kept, because administrators need
 * them, and only for `SECURITY_EVENT_DAYS`.
 */
import type { SecurityEvent, ThreatIndicator } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import type { ListPage } from "../kv/list_pages.ts";
import type { Log } from "../log.ts";
import { createBatchTimer } from "../resilience/batch_timer.ts";
import { type Clock, SECOND } from "../time.ts";
import { createEventSample } from "./event_sample.ts";
import type { NewSecurityEvent, SecurityEventType } from "./event_types.ts";
import { createHourlyCounts, type SecurityReport } from "./hourly_counts.ts";
import { createIndicators, type IndicatorsQuery } from "./indicators.ts";
import { createSecurityEvents, type EventsQuery } from "./security_events.ts";

export interface IncidentsOptions {
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
  /** `SECURITY_EVENT_DAYS`. */
  readonly days: number;
  /** Takes secrets out of a path, and of a text that may hold one. */
  readonly hideSecrets?: (text: string) => string;
  /** Told of each event's type, for the metrics. */
  readonly onEvent?: (type: SecurityEventType) => void;
}

export interface Incidents {
  /** Synchronous, bounded; never throws. */
  note(event: NewSecurityEvent): void;
  /** The event of a request, by its id: what a 403 was about. */
  explain(requestId: string): Promise<SecurityEvent | undefined>;
  /** Newest first. A page may be short, even empty, and still have a cursor. */
  events(query: EventsQuery): Promise<ListPage<SecurityEvent>>;
  /** Last seen first. */
  indicators(query: IndicatorsQuery): Promise<ListPage<ThreatIndicator>>;
  report(range: { readonly from: number; readonly to: number }): Promise<SecurityReport>;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

const FLUSH_MS = 2 * SECOND;

export function createIncidents(options: IncidentsOptions): Incidents {
  const { clock, log, onEvent = () => {}, hideSecrets = (text) => text } = options;
  const sample = createEventSample(clock);
  const events = createSecurityEvents(options);
  const indicators = createIndicators(options);
  const counts = createHourlyCounts(options);

  let isFailing = false;

  const writer = createBatchTimer({
    everyMs: FLUSH_MS,
    async work() {
      const parts = [events, counts, indicators];
      const done = await Promise.allSettled(parts.map((part) => part.flush()));
      if (events.waiting + indicators.waiting > 0) writer.ask();
      const failed = done.find((part) => part.status === "rejected");
      if (failed) throw failed.reason;
      isFailing = false;
    },
    onError(error) {
      if (!isFailing) log.warn("incidents.unwritten", { events: events.waiting, error });
      isFailing = true;
      writer.ask();
    },
  });

  return {
    note(noted) {
      const event = shown(noted, hideSecrets);
      onEvent(event.type);
      events.add(event, sample.take(event.type, event.ip));
      indicators.add(event);
      counts.add(event);
      writer.ask();
    },
    explain: events.find,
    async events(query) {
      await writer.run();
      return await events.list(query);
    },
    async indicators(query) {
      await writer.run();
      return await indicators.list(query);
    },
    async report(range) {
      await writer.run();
      return await counts.report(range);
    },
    flush: writer.run,
    stop: writer.stop,
  };
}

/** The event as it may be kept, with no secret in its path nor in what an excerpt shows of it. */
function shown(event: NewSecurityEvent, hide: (text: string) => string): NewSecurityEvent {
  const { path, signals } = event;
  const hidden = (text: string | undefined) => text === undefined ? undefined : hide(text);
  return {
    ...event,
    path: hidden(path),
    signals: signals?.map((signal) => ({ ...signal, excerpt: hidden(signal.excerpt) })),
  };
}
