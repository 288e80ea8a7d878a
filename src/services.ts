/**
 * Builds every room once and hands each what it needs of the others. The only file that knows who
 * needs whom; rooms meet nowhere else.
 */
import { CONSOLE_COOKIE } from "./auth/console_cookie.ts";
import { createIdentity, type Identity } from "./auth/identity.ts";
import { holdsOwnProof } from "./auth/own_proofs.ts";
import { hideSecrets } from "./auth/secret_paths.ts";
import { createTokenVerifier, type TokenVerifier } from "./auth/tokens.ts";
import { type Background, createBackground } from "./background.ts";
import type { Config } from "./config.ts";
import { createDefence, type Defence } from "./defence.ts";
import { createCspReports, type CspReports } from "./headers/csp_reports.ts";
import { createHttpsRedirect, type HttpsRedirect } from "./headers/https_redirect.ts";
import { createSecurityHeaders, type SecurityHeaders } from "./headers/policy.ts";
import { contentSecrets } from "./idempotency/content_hash.ts";
import { createIdempotency, type Idempotency } from "./idempotency/idempotency.ts";
import { createIncidents, type Incidents } from "./incidents/incidents.ts";
import { parseRange } from "./ip/cidr.ts";
import { type ClientAddressResolver, createClientAddress } from "./ip/client_ip.ts";
import { createPublicHosts, type PublicHosts } from "./ip/public_hosts.ts";
import { isSpecialAddress } from "./ip/special_ranges.ts";
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
import { type Clock, createMomentClock, type MomentClock, SECOND } from "./time.ts";

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

export interface Services extends Defence, Background {
  /** Counts errors by cause. */
  readonly errors: ErrorJournal;
  readonly config: Config;
  readonly clock: MomentClock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly kv: Kv;
  readonly breaker: Breaker;
  readonly clientAddress: ClientAddressResolver;
  readonly publicHosts: PublicHosts;
  readonly identity: Identity;
  readonly tokens: TokenVerifier;
  readonly idempotency: Idempotency;
  readonly policies: Policies;
  readonly limits: Limits;
  readonly headers: SecurityHeaders;
  readonly cspReports: CspReports;
  readonly httpsRedirect: HttpsRedirect;
  readonly site: Site;
  /** Whether the platform ends TLS, so that the scheme of a request's URL is its word. */
  readonly onDeploy: boolean;
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

export async function createServices(outside: World): Promise<Services> {
  const clock = createMomentClock(outside.clock);
  const world = { ...outside, clock };
  const { config, log } = world;
  const metrics = createMetrics();
  const breaker = createKvBreaker({ ...world, metrics });
  const { kv, deploymentId, markKey } = await openStore(world, breaker);
  const instanceId = crypto.randomUUID().slice(0, 8);
  const incidents = createIncidents({
    ...world,
    kv,
    days: config.SECURITY_EVENT_DAYS,
    hideSecrets,
    onEvent: metrics.securityEvents.add,
  });
  const identity = createOwnIdentity(world, kv, metrics, incidents);
  const defence = createDefence({ ...world, kv, metrics, identity, incidents, markKey });
  const policies = createPolicies(config);
  const limits = createLimits({ ...world, kv, metrics, breaker, policies, instanceId });
  const errors = createErrorJournal({
    ...world,
    kv,
    metrics,
    retentionDays: config.ERROR_RETENTION_DAYS,
    record: (atomic, entry, by) => identity.audit.entry({ ...entry, by }).join(atomic),
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
  const site = await createOwnSite(world, { kv, metrics, deploymentId, background });
  return {
    config,
    clock,
    log,
    metrics,
    kv,
    breaker,
    ...createEdge(world, metrics),
    identity,
    tokens: createTokens(world, identity),
    idempotency: createIdempotency({
      kv,
      clock,
      secrets: contentSecrets(config, async () => (await loadDeployment(kv)).cursorKey),
    }),
    policies,
    limits,
    site,
    onDeploy: world.onDeploy ?? false,
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
      const rooms = [suspicion, blocks, incidents, errors, reputation, threatRules];
      await Promise.allSettled([limits.leave(), ...rooms.map((room) => room.stop())]);
      kv.close();
    },
  };
}

function createOwnIdentity(world: World, kv: Kv, metrics: Metrics, incidents: Incidents): Identity {
  const { log } = world;
  return createIdentity({
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
}

function createOwnSite(
  { config, clock, log }: World,
  { kv, metrics, deploymentId, background }: {
    readonly kv: Kv;
    readonly metrics: Metrics;
    readonly deploymentId: string;
    readonly background: Background;
  },
): Promise<Site> {
  return createSite({
    mailing: background.orderMailing,
    originUrl: config.ORIGIN_URL,
    originHost: config.ORIGIN_HOST,
    isLocalAddress: isSpecialAddress,
    timeoutMs: config.ORIGIN_TIMEOUT_SECONDS * SECOND,
    kv,
    clock,
    log,
    deploymentId,
    keepFields: config.ORIGIN_FIELDS_KEEP,
    privateCookie: CONSOLE_COOKIE,
    isOwnProof: holdsOwnProof,
    onFailure: metrics.originFailures.add,
  });
}

/** What is known of a request, and written on its answer, without asking anybody. */
function createEdge({ config, clock, log }: World, metrics: Metrics) {
  return {
    clientAddress: createClientAddress({ trustedProxies: config.TRUSTED_PROXIES }),
    publicHosts: createPublicHosts(config.PUBLIC_HOSTS),
    headers: createSecurityHeaders({
      ...config,
      reportPath: `${config.BASE_PATH}/api/v1/security/csp-reports`,
    }),
    cspReports: createCspReports({ clock, log, onReport: metrics.cspReports.add }),
    httpsRedirect: createHttpsRedirect({
      enabled: config.HTTPS_REDIRECT,
      basePath: config.BASE_PATH,
    }),
  };
}

async function openStore(world: World, breaker: Breaker) {
  const { config, clock, log, rawKv, onDeploy } = world;
  const path = config.KV_PATH;
  const cursorKey = async () => (await loadDeployment(kv)).cursorKey;
  const kv = await openKv({ path, raw: rawKv, onDeploy, clock, log, breaker, cursorKey });
  await selfTestKv({ kv, path, onDeploy, clock, log });
  const deployment = await loadDeployment(kv).catch(() => undefined);
  return {
    kv,
    // A loop is then found by the isolate that made it, which is enough until KV is back.
    deploymentId: deployment?.id ?? crypto.randomUUID(),
    markKey: deployment?.cursorKey,
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
