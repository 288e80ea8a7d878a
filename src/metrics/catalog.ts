/**
 * Map 4: every metric, its name, its help and its labels. Hot paths count in plain numbers
 * (`Tally`) and a scrape reads them, because a labelled counter costs more than a decision does.
 */
import { Counter, Gauge, Registry } from "prom-client";
import { POLICY_NAMES } from "../config_shapes.ts";
import { ERRORS } from "../errors/codes.ts";
import { FAILURES } from "../errors/failures.ts";

/** A set of label values counted in a plain map; unknown labels are counted as `other`. */
export interface Tally {
  add(label: string, by?: number): void;
  /** Counts so far, for the scrape and for tests. */
  readonly counts: ReadonlyMap<string, number>;
}

export interface Metrics {
  readonly registry: Registry;
  /** Refusals by limit, such as `store.ip`. */
  readonly rateLimitExceeded: Tally;
  /** Refusals that a shadow policy, or `monitor` mode, let through. */
  readonly rateLimitShadowed: Tally;
  /** Decisions by how they were made. */
  readonly rateLimitDecisions: Tally;
  /** Trips of the limiter to KV by what came of them. */
  readonly rateLimitTrips: Tally;
  /** Decisions of the fallback count while KV was out. */
  readonly fallbackHits: Tally;
  /** Times the limiter wanted KV and did not get it. */
  readonly cacheFailures: Tally;
  /** Breaker changes by the state they led to. */
  readonly breakerTransitions: Tally;
  /** CSP reports by directive. */
  readonly cspReports: Tally;
  /** Attempts to sign in by how they ended. */
  readonly signIns: Tally;
  /** Refresh tokens shown to us by what was done. */
  readonly refreshes: Tally;
  /** Answers of the origin that never came, by error code. */
  readonly originFailures: Tally;
  /** Addresses found to behave suspiciously, by kind of behaviour. */
  readonly suspiciousActivity: Tally;
  /** Security events by type, the ones too many to be kept included. */
  readonly securityEvents: Tally;
  /** Blocks by who made them. */
  readonly blocksMade: Tally;
  /** Questions to reputation providers by provider and outcome, such as `abuseipdb.ok`. */
  readonly reputationLookups: Tally;
  /** Errors noted, by category. */
  readonly errors: Tally;
  /** Mails and webhooks by channel and result, such as `mail.sent`. */
  readonly deliveries: Tally;
  /** Attempts of background tasks by how they ended, and tasks taken from isolates that are gone. */
  readonly taskOutcomes: Tally;
  /** Reads a value at each scrape. */
  watch(gauge: GaugeName, read: () => number): void;
}

interface CounterRow {
  readonly name: string;
  readonly help: string;
  /** The one label and every value it may take; none for a plain counter. */
  readonly label?: string;
  readonly values: readonly string[];
}

const LIMIT_TYPES = POLICY_NAMES.flatMap((policy) =>
  ["ip", "network", "user", "account"].map((tier) => `${policy}.${tier}`)
);

const COUNTERS = {
  rateLimitExceeded: {
    name: "webstore_rate_limit_exceeded_total",
    help: "Requests refused by a rate limit",
    label: "limit_type",
    values: LIMIT_TYPES,
  },
  rateLimitShadowed: {
    name: "gatehouse_ratelimit_shadow_total",
    help: "Requests a rate limit would have refused, had it not been in shadow or monitor mode",
    label: "limit_type",
    values: LIMIT_TYPES,
  },
  rateLimitDecisions: {
    name: "gatehouse_ratelimit_decisions_total",
    help: "Rate limit decisions by where they were made",
    label: "source",
    values: ["lease", "optimistic", "kv", "block", "fallback", "open", "closed"],
  },
  rateLimitTrips: {
    name: "gatehouse_ratelimit_kv_trips_total",
    help: "Trips of the rate limiter to KV by result",
    label: "result",
    values: ["ok", "conflict", "error"],
  },
  fallbackHits: {
    name: "rate_limiter_fallback_cache_hits_total",
    help: "Requests counted in this isolate's memory because KV was out",
    values: [""],
  },
  cacheFailures: {
    name: "rate_limiter_cache_failures_total",
    help: "Times the rate limiter asked KV and got no answer",
    values: [""],
  },
  breakerTransitions: {
    name: "gatehouse_breaker_transitions_total",
    help: "Changes of the KV circuit breaker by the state entered",
    label: "to",
    values: ["closed", "open", "half_open"],
  },
  cspReports: {
    name: "gatehouse_csp_reports_total",
    help: "Content-Security-Policy reports by directive",
    label: "directive",
    values: ["script-src", "style-src", "img-src", "connect-src", "frame-ancestors", "default-src"],
  },
  signIns: {
    name: "gatehouse_auth_sign_ins_total",
    help: "Attempts to sign in by result",
    label: "result",
    values: ["ok", "refused", "delayed", "second_factor"],
  },
  refreshes: {
    name: "gatehouse_auth_refreshes_total",
    help: "Refresh tokens shown to us by result",
    label: "result",
    values: ["rotated", "repeated", "refused", "reused"],
  },
  originFailures: {
    name: "gatehouse_origin_failures_total",
    help: "Requests the origin did not answer, by error code",
    label: "code",
    values: ["ORIGIN_UNREACHABLE", "ORIGIN_TIMEOUT", "LOOP_DETECTED"],
  },
  suspiciousActivity: {
    name: "webstore_security_suspicious_activity_total",
    help: "Addresses found to behave suspiciously, by type",
    label: "type",
    values: [
      "credential_stuffing",
      "endpoint_scanning",
      "abuse",
      "refresh_reuse",
      "sign_in_delayed",
    ],
  },
  securityEvents: {
    name: "gatehouse_security_events_total",
    help: "Security events by type, whether or not they were kept",
    label: "type",
    values: [
      "threat",
      "blocked_request",
      "address_blocked",
      "user_flagged",
      "country_denied",
      "credential_stuffing",
      "endpoint_scanning",
      "abuse",
      "refresh_reuse",
      "sign_in_delayed",
    ],
  },
  blocksMade: {
    name: "gatehouse_blocks_total",
    help: "Addresses blocked, by who did it",
    label: "author",
    values: ["automatic", "admin"],
  },
  reputationLookups: {
    name: "gatehouse_reputation_lookups_total",
    help: "Questions to reputation providers by provider and outcome",
    label: "result",
    values: ["abuseipdb", "ipqualityscore"].flatMap((provider) =>
      ["ok", "quota", "refused", "failed", "spared"].map((outcome) => `${provider}.${outcome}`)
    ),
  },
  errors: {
    name: "gatehouse_errors_total",
    help: "Errors noted by category",
    label: "category",
    values: [
      ...new Set([...Object.values(FAILURES), ...Object.values(ERRORS)].map((row) => row.category)),
    ],
  },
  deliveries: {
    name: "gatehouse_deliveries_total",
    help: "Mails and webhooks by what became of the attempt",
    label: "result",
    values: ["mail.sent", "mail.failed", "mail.skipped", "webhook.sent", "webhook.failed"],
  },
  taskOutcomes: {
    name: "gatehouse_tasks_total",
    help: "Attempts of background tasks by how they ended, and tasks recovered from lapsed leases",
    label: "outcome",
    values: [
      "succeeded",
      "failed",
      "dead",
      "snoozed",
      "released",
      "fenced",
      "unsettled",
      "recovered",
      "poisoned",
    ],
  },
} as const satisfies Record<string, CounterRow>;

const GAUGES = {
  breakerOpen: [
    "rate_limiter_circuit_breaker_open",
    "1 while the KV circuit breaker is open, else 0",
  ],
  limitedSubjects: ["gatehouse_ratelimit_keys", "Subjects this isolate holds rate limit state of"],
  blockedAddresses: ["gatehouse_blocked_addresses", "Blocks in force, as this isolate knows them"],
  tasksRunning: ["gatehouse_tasks_running", "Background tasks that run in this isolate"],
  liveIsolates: ["gatehouse_live_isolates", "Isolates that share the rate limits"],
} as const;

export type GaugeName = keyof typeof GAUGES;

export function createMetrics(): Metrics {
  const registry = new Registry();
  const tallies = Object.fromEntries(
    Object.entries(COUNTERS).map(([field, row]) => [field, registerTally(registry, row)]),
  ) as { [Field in keyof typeof COUNTERS]: Tally };
  return {
    registry,
    ...tallies,
    watch(gauge, read) {
      const [name, help] = GAUGES[gauge];
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
  };
}

/** A counter whose known labels start at 0, so that a rate over the first event is not lost. */
function registerTally(registry: Registry, row: CounterRow): Tally {
  const { name, help, label, values } = row;
  const counts = new Map<string, number>(values.map((value) => [value, 0]));
  if (label) counts.set("other", 0);
  const reported = new Map<string, number>();
  new Counter({
    name,
    help,
    labelNames: label ? [label] : [],
    registers: [registry],
    collect() {
      for (const [value, count] of counts) {
        const labels = label ? { [label]: value } : {};
        this.inc(labels, count - (reported.get(value) ?? 0));
        reported.set(value, count);
      }
    },
  });
  const fallbackLabel = label ? "other" : "";
  return {
    counts,
    add(value, by = 1) {
      const count = counts.get(value);
      if (count !== undefined) counts.set(value, count + by);
      else counts.set(fallbackLabel, counts.get(fallbackLabel)! + by);
    },
  };
}
