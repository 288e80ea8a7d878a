/**
 * Is a token proof of a user of the site, now? Signature first, by a key and algorithm of our choosing; then
 * its claims, against our own clock.
 */
import {
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyOptions,
} from "jose";
import type { VerifiedUser } from "../context.ts";
import type { Log } from "../log.ts";
import { type Clock, MINUTE, SECOND } from "../time.ts";
import { isOurIssuer } from "./issuer.ts";
import { JwksUnavailable } from "./jwks.ts";
import type { KeySource } from "./token_keys.ts";

export interface TokenCheckOptions {
  readonly sources: readonly KeySource[];
  /** `iss` and `aud` that a token must carry; not looked at when absent. */
  readonly issuer?: string;
  readonly audience?: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** `bad` stays bad; `unsure` may be found good later, as when the issuer's keys cannot be read. */
export type TokenFinding = VerifiedUser | "bad" | "unsure";

/** Two machines' clocks differ; a token lives this much longer, and may be this much younger. */
const LEEWAY_MS = 30 * SECOND;
/** Ids become KV keys; a longer one is hashed, to a text that no short id can be. */
const ID_BYTES_MAX = 64;
const ROLES_MAX = 16;
const ROLE_LENGTH_MAX = 32;
/** Keys tried for a token without a key id, when a set has several of its kind. */
const KEYS_TRIED_MAX = 5;

/** The answered function never rejects. */
export function createTokenCheck(
  { sources, issuer, audience, clock, log }: TokenCheckOptions,
): (token: string) => Promise<TokenFinding> {
  const verifyWith = async (token: string, { algorithms, keyFor }: KeySource) => {
    const options: JWTVerifyOptions = {
      algorithms: [...algorithms],
      issuer,
      audience,
      requiredClaims: ["exp", "sub"],
      currentDate: new Date(clock.now()),
      clockTolerance: LEEWAY_MS / SECOND,
    };
    try {
      return (await jwtVerify(token, keyFor, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      return await verifyWithAny(token, error, options);
    }
  };

  let quietUntil = -Infinity;
  /** A surprise, such as a broken key in the issuer's set. Strangers set it off, so seldom logged. */
  const report = (error: unknown) => {
    if (error instanceof JwksUnavailable || clock.monotonic() < quietUntil) return;
    quietUntil = clock.monotonic() + MINUTE;
    log.warn("token could not be checked", { error });
  };

  return async (token) => {
    let finding: TokenFinding = "bad";
    for (const source of sourcesFor(token, sources)) {
      try {
        return await userOf(await verifyWith(token, source)) ?? "bad";
      } catch (error) {
        if (error instanceof errors.JOSEError) continue;
        finding = "unsure";
        report(error);
      }
    }
    return finding;
  };
}

function sourcesFor(token: string, sources: readonly KeySource[]): readonly KeySource[] {
  try {
    const { alg } = decodeProtectedHeader(token);
    return sources.filter(({ algorithms }) => alg !== undefined && algorithms.includes(alg));
  } catch {
    return [];
  }
}

async function verifyWithAny(
  token: string,
  candidates: errors.JWKSMultipleMatchingKeys,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  let tried = 0;
  for await (const key of candidates) {
    if (++tried > KEYS_TRIED_MAX) break;
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

async function userOf(payload: JWTPayload): Promise<VerifiedUser | undefined> {
  const { sub, exp, roles } = payload;
  // A site that holds JWT_SECRET must not be able to speak in our name, nor we in the site's.
  if (isOurIssuer(payload.iss)) return undefined;
  const id = await idOf(sub);
  // `"exp": 1e999` is valid JSON and never passes.
  if (id === undefined || !Number.isFinite(exp)) return undefined;
  const expiresAt = Number(exp) * SECOND + LEEWAY_MS;
  return { id, expiresAt, roles: rolesOf(roles), realm: "site" };
}

async function idOf(sub: unknown): Promise<string | undefined> {
  if (typeof sub !== "string" || sub === "" || !isKeepable(sub)) return undefined;
  const bytes = new TextEncoder().encode(sub);
  if (bytes.length <= ID_BYTES_MAX) return sub;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** No control characters; and no lone surrogates, which all become one character in a KV key. */
function isKeepable(text: string): boolean {
  // deno-lint-ignore no-control-regex
  return text.isWellFormed() && !/[\u0000-\u001f\u007f-\u009f]/.test(text);
}

function rolesOf(claim: unknown): readonly string[] {
  const isRole = (role: unknown): role is string =>
    typeof role === "string" && role !== "" && role.length <= ROLE_LENGTH_MAX;
  return Array.isArray(claim) && claim.length <= ROLES_MAX && claim.every(isRole) ? claim : [];
}
