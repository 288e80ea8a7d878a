/**
 * Builds every room once and hands each what it needs of the others. The only file that knows who
 * needs whom; rooms meet nowhere else.
 */
import { CONSOLE_COOKIE } from "./auth/console_cookie.ts";
import { createIdentity, type Identity } from "./auth/identity.ts";
import { createTokenVerifier, type TokenVerifier } from "./auth/tokens.ts";
import { type Background, createBackground } from "./background.ts";
import { type Blocks, createBlocks } from "./blocks/blocks.ts";
import type { Config } from "./config.ts";
import { createCspReports, type CspReports } from "./headers/csp_reports.ts";
import { createHttpsRedirect, type HttpsRedirect } from "./headers/https_redirect.ts";
import { createSecurityHeaders, type SecurityHeaders } from "./headers/policy.ts";
import { createIdempotency, type Idempotency } from "./idempotency/idempotency.ts";
import { createIncidents, type Incidents } from "./incidents/incidents.ts";
import { parseRange } from "./ip/cidr.ts";
import { type ClientAddressResolver, createClientAddress } from "./ip/client_ip.ts";
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
import { kvKind, openKv } from "./kv/open.ts";
import type { RawKv } from "./kv/raw.ts";
import { selfTestKv } from "./kv/self_test.ts";
import { createLimits, type Limits } from "./limits/limits.ts";
import { createPolicies, type Policies } from "./limits/policy.ts";
import type { Log } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics/catalog.ts";
import { createErrorJournal, type ErrorJournal } from "./monitoring/error_journal.ts";
import { createReadiness } from "./monitoring/health.ts";
import { createSite, type Site } from "./origin/mod.ts";
import type { Breaker } from "./resilience/breaker.ts";
import { createKvBreaker } from "./resilience/kv_breaker.ts";
import { createSuspicion, type SuspicionWatch } from "./suspicion/suspicion.ts";
import { createRuleBook, type RuleBook } from "./threats/rule_book.ts";
import { type Clock, SECOND } from "./time.ts";

/** What the world gives us; tests hand in their own clock and KV. */
export interface World {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch: typeof fetch;
  /** Whether this runs on Deno Deploy, where a file would be one isolate's own. */
  readonly onDeploy?: boolean;
  /** A KV to use in place of the one `KV_PATH` names. */
  readonly rawKv?: RawKv;
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

export interface Services extends Defence, Background {
  /** Counts errors by cause. */
  readonly errors: ErrorJournal;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly kv: Kv;
  readonly breaker: Breaker;
  readonly clientAddress: ClientAddressResolver;
  readonly identity: Identity;
  readonly tokens: TokenVerifier;
  readonly idempotency: Idempotency;
  readonly policies: Policies;
  readonly limits: Limits;
  readonly headers: SecurityHeaders;
  readonly cspReports: CspReports;
  readonly httpsRedirect: HttpsRedirect;
  readonly site: Site;
  /** Starts every request id of this isolate. */
  readonly instanceId: string;
  isReady(): Promise<boolean>;
  /** Starts the work nobody waits for, and loads what no answer waits for. Never rejects. */
  warmUp(): Promise<void>;
  /** Reports what only this isolate knows and closes KV. Takes 2 s at most. */
  stop(): Promise<void>;
}

/** For tasks under way at a stop; the platform kills soon after. */
const TASKS_GRACE_MS = SECOND;

export async function createServices(world: World): Promise<Services> {
  const { config, clock, log } = world;
  const metrics = createMetrics();
  const breaker = createKvBreaker({ ...world, metrics });
  const { kv, deploymentId } = await openStore(world, breaker);
  const instanceId = crypto.randomUUID().slice(0, 8);
  const incidents = createIncidents({
    ...world,
    kv,
    days: config.SECURITY_EVENT_DAYS,
    onEvent: metrics.securityEvents.add,
  });
  const identity = createIdentity({
    ...world,
    kv,
    metrics,
    onDeploy: world.onDeploy ?? false,
    deploymentId: async () => (await loadDeployment(kv)).id,
    parseRange,
    onSecurityEvent({ type, ...fields }) {
      log.warn(`security.${type}`, fields);
      metrics.suspiciousActivity.add(type);
      incidents.note({
        type,
        action: "note",
        user: "accountId" in fields ? fields.accountId : undefined,
      });
    },
  });
  const defence = createDefence(world, { kv, metrics, identity, incidents });
  const policies = createPolicies(config);
  const limits = createLimits({ ...world, kv, metrics, breaker, policies, instanceId });
  const errors = createErrorJournal({
    ...world,
    kv,
    metrics,
    retentionDays: config.ERROR_RETENTION_DAYS,
  });
  const background = await createBackground({
    ...world,
    ...defence,
    kvIsNear: kvKind({ path: config.KV_PATH, onDeploy: world.onDeploy }) !== "remote",
    kv,
    metrics,
    errors,
    identity,
  });
  const site = await createSite({
    mailing: background.orderMailing,
    originUrl: config.ORIGIN_URL,
    timeoutMs: config.ORIGIN_TIMEOUT_SECONDS * SECOND,
    kv,
    clock,
    log,
    deploymentId,
    privateCookie: CONSOLE_COOKIE,
    onFailure: metrics.originFailures.add,
  });
  return {
    config,
    clock,
    log,
    metrics,
    kv,
    breaker,
    clientAddress: createClientAddress({ trustedProxies: config.TRUSTED_PROXIES }),
    identity,
    tokens: createTokens(world, identity),
    idempotency: createIdempotency({ kv, clock }),
    policies,
    limits,
    headers: createSecurityHeaders({
      ...config,
      reportPath: `${config.BASE_PATH}/api/v1/security/csp-reports`,
    }),
    cspReports: createCspReports({ clock, log, onReport: metrics.cspReports.add }),
    httpsRedirect: createHttpsRedirect({
      enabled: config.HTTPS_REDIRECT,
      basePath: config.BASE_PATH,
    }),
    site,
    instanceId,
    ...defence,
    ...background,
    errors,
    isReady: createReadiness({ kv, clock }),
    async warmUp() {
      background.tasks.start();
      await Promise.all([defence.geoip.load(), defence.feeds.load()]);
    },
    async stop() {
      await background.tasks.stop(TASKS_GRACE_MS);
      const { suspicion, reputation, blocks, threatRules } = defence;
      const writers = [
        limits.leave(),
        suspicion.stop(),
        blocks.stop(),
        incidents.stop(),
        errors.stop(),
      ];
      await Promise.allSettled([...writers, reputation.stop(), threatRules.stop()]);
      kv.close();
    },
  };
}

async function openStore(world: World, breaker: Breaker) {
  const { config, clock, log, rawKv, onDeploy } = world;
  const path = config.KV_PATH;
  const cursorKey = async () => (await loadDeployment(kv)).cursorKey;
  const kv = await openKv({ path, raw: rawKv, onDeploy, clock, log, breaker, cursorKey });
  await selfTestKv({ kv, path, onDeploy, clock, log });
  const deploymentId = await loadDeployment(kv).then(
    ({ id }) => id,
    // A loop is then found by the isolate that made it, which is enough until KV is back.
    () => crypto.randomUUID(),
  );
  return { kv, deploymentId };
}

interface DefenceParts {
  readonly kv: Kv;
  readonly metrics: Metrics;
  readonly identity: Identity;
  readonly incidents: Incidents;
}

function createDefence(world: World, { kv, metrics, identity, incidents }: DefenceParts): Defence {
  const { config, log } = world;
  const suspicion = createSuspicion({
    ...world,
    kv,
    onSuspicion({ type, subject, count }) {
      log.warn("security.suspicion", { type, subject, count });
      metrics.suspiciousActivity.add(type);
      incidents.note({ type, action: "note", ip: subject });
    },
  });
  const blocks = createBlocks({
    ...world,
    kv,
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
  const feeds = createFeeds({ ...world, kv, feeds: config.REPUTATION_FEEDS });
  const reputation = createReputation({
    ...world,
    kv,
    providers: configuredProviders({ ...world, kv, onLookup: metrics.reputationLookups.add }),
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
      ...world,
      kv,
      fallback: config.GATE_MODE,
      configured: config.THREAT_RULES,
      record: (atomic, entry, by) => identity.audit.entry({ ...entry, by }).join(atomic),
    }),
  };
}

function createTokens(
  { config, clock, log, fetch }: World,
  { credentials }: Pick<Identity, "credentials">,
): TokenVerifier {
  return createTokenVerifier({
    credentials,
    secret: config.JWT_SECRET,
    previousSecrets: config.JWT_SECRET_PREVIOUS,
    publicKeyPem: config.JWT_PUBLIC_KEY,
    jwksUrl: config.JWKS_URL,
    issuer: config.JWT_ISSUER,
    audience: config.JWT_AUDIENCE,
    // The shop is a demonstration, and so are its users; an origin's are not.
    demoTokens: config.ORIGIN_URL === undefined,
    clock,
    fetch,
    log,
  });
}
