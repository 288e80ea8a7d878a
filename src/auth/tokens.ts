/**
 * Who the user is: only ever the one a bearer token proves. Most requests bring a token that was
 * checked a moment ago, so `peek` answers without waiting; `verify` does the checking. Which kind of
 * token it is, ours or the site's, is decided by what it claims, and then by that kind's check alone.
 */
import type { VerifiedUser } from "../context.ts";
import type { Log } from "../log.ts";
import { type Clock, MINUTE } from "../time.ts";
import { createJwks } from "./jwks.ts";
import { createTokenCache } from "./token_cache.ts";
import { jwksSource, type KeySource, publicKeySource, secretSource } from "./token_keys.ts";
import { createTokenCheck, type TokenFinding } from "./verify_token.ts";

export interface TokenVerifierOptions {
  /** Shared secret of HS256 tokens, at least 32 bytes. */
  readonly secret?: string;
  /** Secrets before it, which the site may still sign with. */
  readonly previousSecrets?: readonly string[];
  /** PEM public key: Ed25519, P-256 or RSA. */
  readonly publicKeyPem?: string;
  readonly jwksUrl?: URL;
  /** `iss` and `aud` that a token must carry, when set. */
  readonly issuer?: string;
  readonly audience?: string;
  /** Whether `user-token-123` proves the user `user-token`. For the demo only. */
  readonly demoTokens: boolean;
  /** Our own kinds of credential; asked before the site's. */
  readonly credentials?: readonly CredentialCheck[];
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  readonly log: Log;
}

/** Checks one kind of credential that we gave out ourselves. */
export interface CredentialCheck {
  /** Whether the text claims to be of this kind: then nobody else is asked about it. */
  claims(token: string): boolean;
  /** Never rejects. */
  check(token: string): Promise<TokenFinding>;
  /** How long a user found good is taken as such without another check. */
  readonly goodMs: number;
}

export interface TokenVerifier {
  /**
   * What is known at once about an `Authorization` header: the user, null for an anonymous request
   * or a token known to be bad, undefined when `verify` must find out. `ip` is where the request
   * comes from: credentials that are bound to addresses prove nothing without it.
   */
  peek(header: string | null, ip?: string): VerifiedUser | null | undefined;
  /** Never rejects. */
  verify(header: string | null, ip?: string): Promise<VerifiedUser | null>;
}

const HEADER_LENGTH_MAX = 8_192;
const GOOD_MS = 5 * MINUTE;
const BAD_MS = MINUTE;
const GOOD_MAX = { entriesMax: 10_000, charsMax: 8_000_000 };
const BAD_MAX = { entriesMax: 1_000, charsMax: 1_000_000 };

const BEARER = /^Bearer +([\w.~+/-]+=*) *$/i;
/** Two to four lower-case words and a number: `user-token-123`. */
const DEMO_TOKEN = /^([a-z]{2,20}(?:-[a-z]{2,20}){1,3})-\d{1,9}$/;

/** Throws `ConfigError` naming the setting of a key that cannot be used. */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { demoTokens, clock, log, issuer, audience } = options;
  const sources = readSources(options);
  const site: CredentialCheck = {
    claims: () => sources.length > 0,
    check: createTokenCheck({ sources, issuer, audience, clock, log }),
    goodMs: GOOD_MS,
  };
  const checks = [...options.credentials ?? [], site];
  const good = createTokenCache<VerifiedUser>({ clock, ...GOOD_MAX });
  // Kept apart, so that a flood of rubbish cannot push out what is known of real users.
  const bad = createTokenCache<true>({ clock, ...BAD_MAX });
  const checkFor = (token: string) => checks.find((check) => check.claims(token));

  const recall = (header: string | null): VerifiedUser | null | undefined => {
    if (header === null || header.length > HEADER_LENGTH_MAX) return null;
    const known = good.get(header);
    if (known !== undefined) return known;
    if (bad.get(header)) return null;
    const token = BEARER.exec(header)?.[1];
    if (token === undefined) return null;
    const demo = demoTokens ? demoUser(token, clock.now() + GOOD_MS) : undefined;
    if (demo) good.set(header, demo, demo.expiresAt);
    return demo ?? (checkFor(token) ? undefined : null);
  };
  const findOut = async (header: string): Promise<VerifiedUser | null> => {
    const token = BEARER.exec(header)?.[1];
    const check = token === undefined ? undefined : checkFor(token);
    if (token === undefined || !check) return null;
    const finding = await check.check(token);
    const now = clock.now();
    if (finding === "bad") bad.set(header, true, now + BAD_MS);
    if (typeof finding === "string") return null;
    good.set(header, finding, Math.min(finding.expiresAt, now + check.goodMs));
    return finding;
  };

  return {
    peek(header, ip) {
      const known = recall(header);
      return known ? fromHere(known, ip) : known;
    },
    async verify(header, ip) {
      const known = recall(header);
      const user = known === undefined && header !== null ? await findOut(header) : known;
      return user ? fromHere(user, ip) : null;
    },
  };
}

/** The user, unless the credential may not be used from this address. */
function fromHere(user: VerifiedUser, ip: string | undefined): VerifiedUser | null {
  const { mayComeFrom } = user;
  return mayComeFrom === undefined || ip !== undefined && mayComeFrom(ip) ? user : null;
}

function demoUser(token: string, expiresAt: number): VerifiedUser | undefined {
  const id = DEMO_TOKEN.exec(token)?.[1];
  return id === undefined ? undefined : { id, expiresAt, roles: [], realm: "site" };
}

function readSources(options: TokenVerifierOptions): KeySource[] {
  const { secret, previousSecrets = [], publicKeyPem, jwksUrl } = options;
  const sources: KeySource[] = [];
  if (secret !== undefined) sources.push(...[secret, ...previousSecrets].map(secretSource));
  if (publicKeyPem !== undefined) sources.push(publicKeySource(publicKeyPem));
  if (jwksUrl) sources.push(jwksSource(createJwks({ ...options, url: jwksUrl })));
  return sources;
}
