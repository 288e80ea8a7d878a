/**
 * Wiring of the rooms that watch for threats: who hears of what from whom. services.ts hands this
 * over to the gate.
 */
import type { Identity } from "./auth/identity.ts";
import { type Blocks, createBlocks } from "./blocks/blocks.ts";
import type { Config } from "./config.ts";
import type { Incidents } from "./incidents/incidents.ts";
import { configuredProviders } from "./ip/configured_providers.ts";
import {
  type CountryOf,
  type CountryRules,
  createCountryOf,
  createCountryRules,
} from "./ip/country.ts";
import { createFeeds, type Feeds } from "./ip/feeds.ts";
import { createGeoIp, type GeoIp } from "./ip/geoip.ts";
import { canonicalRange, createRangeSet } from "./ip/range_set.ts";
import { createReputation, type Reputation } from "./ip/reputation.ts";
import { loadDeployment } from "./kv/deployment.ts";
import type { Kv } from "./kv/kv.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics/catalog.ts";
import { createSuspicion, type SuspicionWatch } from "./suspicion/suspicion.ts";
import { createRuleBook, type RuleBook } from "./threats/rule_book.ts";
import type { Clock } from "./time.ts";

export interface DefenceOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch: typeof fetch;
  readonly kv: Kv;
  readonly metrics: Metrics;
  readonly identity: Identity;
  readonly incidents: Incidents;
  /** Hides what payloads are compared by; undefined when KV was out at the start. */
  readonly markKey?: Uint8Array;
}

/** What watches for threats, beside the gate and the engine in it. */
export interface Defence {
  readonly blocks: Blocks;
  readonly suspicion: SuspicionWatch;
  readonly incidents: Incidents;
  readonly reputation: Reputation;
  readonly feeds: Feeds;
  readonly geoip: GeoIp;
  readonly countryOf: CountryOf;
  readonly countryRules: CountryRules;
  readonly threatRules: RuleBook;
}

export function createDefence(options: DefenceOptions): Defence {
  const { config, log, kv, metrics, identity, incidents } = options;
  const suspicion = createSuspicion({
    ...options,
    onSuspicion({ type, subject, count }) {
      log.warn("security.suspicion", { type, subject, count });
      metrics.suspiciousActivity.add(type);
      incidents.note({ type, action: "note", ip: subject });
    },
  });
  const blocks = createBlocks({
    ...options,
    ranges: { canonical: canonicalRange, build: createRangeSet },
    seconds: config.BLOCK_SECONDS,
    secondsMax: config.BLOCK_MAX_SECONDS,
    strikes: config.BLOCK_STRIKES,
    record: (atomic, entry, by) => identity.audit.entry({ ...entry, by }).join(atomic),
    onBlock({ automatic, target }) {
      metrics.blocksMade.add(automatic ? "automatic" : "admin");
      incidents.note({ type: "address_blocked", action: "block", ip: target });
    },
  });
  metrics.watch("blockedAddresses", () => blocks.size);
  const feeds = createFeeds({ ...options, feeds: config.REPUTATION_FEEDS });
  const reputation = createReputation({
    ...options,
    providers: configuredProviders({ ...options, onLookup: metrics.reputationLookups.add }),
    feedScore: feeds.scoreOf,
    salt: async () => (await loadDeployment(kv)).id,
  });
  const geoip = createGeoIp({ log });
  return {
    blocks,
    suspicion,
    incidents,
    reputation,
    feeds,
    geoip,
    countryOf: createCountryOf({
      sources: [({ ip }) => geoip.countryOf(ip), (client) => reputation.country(client)],
    }),
    countryRules: createCountryRules(config.COUNTRY_DENY, config.COUNTRY_RISK),
    threatRules: createRuleBook({
      ...options,
      kv,
      fallback: config.GATE_MODE,
      configured: config.THREAT_RULES,
      record: (atomic, entry, by) => identity.audit.entry({ ...entry, by }).join(atomic),
    }),
  };
}
