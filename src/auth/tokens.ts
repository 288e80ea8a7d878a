/**
 * Who the user is: only ever the one a bearer token proves. Most requests bring a token that was
 * checked a moment ago, so `peek` answers without waiting; `verify` does the checking.
 */
import type { VerifiedUser } from "../context.ts";
import type { Log } from "../log.ts";
import { type Clock, MINUTE } from "../time.ts";
import { createJwks } from "./jwks.ts";
import { createTokenCache } from "./token_cache.ts";
import { jwksSource, type KeySource, publicKeySource, secretSource } from "./token_keys.ts";
import { createTokenCheck } from "./verify_token.ts";

export interface TokenVerifierOptions {
  /** Shared secret of HS256 tokens, at least 32 bytes. */
  readonly secret?: string;
  /** PEM public key: Ed25519, P-256 or RSA. */
  readonly publicKeyPem?: string;
  readonly jwksUrl?: URL;
  /** `iss` and `aud` that a token must carry, when set. */
  readonly issuer?: string;
  readonly audience?: string;
  /** Whether `user-token-123` proves the user `user-token`. For the demo only. */
  readonly demoTokens: boolean;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  readonly log: Log;
}

export interface TokenVerifier {
  /**
   * What is known at once about an `Authorization` header: the user, null for an anonymous request
   * or a token known to be bad, undefined when `verify` must find out.
   */
  peek(header: string | null): VerifiedUser | null | undefined;
  /** Never rejects. */
  verify(header: string | null): Promise<VerifiedUser | null>;
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
  const check = createTokenCheck({ sources, issuer, audience, clock, log });
  const good = createTokenCache<VerifiedUser>({ clock, ...GOOD_MAX });
  // Kept apart, so that a flood of rubbish cannot push out what is known of real users.
  const bad = createTokenCache<true>({ clock, ...BAD_MAX });

  const peek = (header: string | null): VerifiedUser | null | undefined => {
    if (header === null || header.length > HEADER_LENGTH_MAX) return null;
    const known = good.get(header);
    if (known !== undefined) return known;
    if (bad.get(header)) return null;
    const token = BEARER.exec(header)?.[1];
    if (token === undefined) return null;
    const demo = demoTokens ? demoUser(token, clock.now() + GOOD_MS) : undefined;
    if (demo) good.set(header, demo, demo.expiresAt);
    return demo ?? (sources.length > 0 ? undefined : null);
  };

  return {
    peek,
    async verify(header) {
      const known = peek(header);
      const token = header === null ? undefined : BEARER.exec(header)?.[1];
      if (known !== undefined || header === null || token === undefined) return known ?? null;
      const finding = await check(token);
      const now = clock.now();
      if (finding === "bad") bad.set(header, true, now + BAD_MS);
      if (typeof finding === "string") return null;
      good.set(header, finding, Math.min(finding.expiresAt, now + GOOD_MS));
      return finding;
    },
  };
}

function demoUser(token: string, expiresAt: number): VerifiedUser | undefined {
  const id = DEMO_TOKEN.exec(token)?.[1];
  return id === undefined ? undefined : { id, expiresAt, roles: [] };
}

function readSources(options: TokenVerifierOptions): KeySource[] {
  const { secret, publicKeyPem, jwksUrl } = options;
  const sources: KeySource[] = [];
  if (secret !== undefined) sources.push(secretSource(secret));
  if (publicKeyPem !== undefined) sources.push(publicKeySource(publicKeyPem));
  if (jwksUrl) sources.push(jwksSource(createJwks({ ...options, url: jwksUrl })));
  return sources;
}
