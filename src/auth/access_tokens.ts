/**
 * Access tokens: what an account that signed in shows for 15 minutes. Every claim is demanded when
 * one comes back. Whether its sign-in still lives is asked apart (sessions.ts), at our endpoints.
 */
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from "jose";
import type { VerifiedUser } from "../context.ts";
import type { Log } from "../log.ts";
import { type Clock, MINUTE, SECOND } from "../time.ts";
import { AUDIENCE, isOurIssuer, issuerOf } from "./issuer.ts";
import { KEY_ID, type KeyRing } from "./key_ring.ts";
import { isRole, type Role } from "./roles.ts";
import { randomBase62 } from "./secrets.ts";
import type { CredentialCheck } from "./tokens.ts";
import type { TokenFinding } from "./verify_token.ts";

export interface AccessTokensOptions {
  readonly keyRing: KeyRing;
  /** Asked once, when the first token is made or read; again when it failed. */
  readonly deploymentId: () => Promise<string>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface AccessTokens extends CredentialCheck {
  issue(
    subject: { readonly accountId: string; readonly sessionId: string; readonly role: Role },
  ): Promise<string>;
}

export const ACCESS_TOKEN_LIFE_MS = 15 * MINUTE;

const TYPE = "at+jwt";
const ALGORITHM = "HS256";
const USE = "access";
/** Two machines' clocks differ. */
const LEEWAY_MS = 30 * SECOND;
const BACKDATED_MS = 5 * SECOND;
const RECHECK_MS = 5 * MINUTE;
const JTI_CHARACTERS = 16;
const ACCOUNT_ID = /^acc_\w{20}$/;
const SESSION_ID = /^\w{20}$/;
const REQUIRED = ["iss", "aud", "sub", "sid", "jti", "iat", "exp", "token_use", "role"];

export function createAccessTokens(options: AccessTokensOptions): AccessTokens {
  const { keyRing, clock, log } = options;
  const issuer = createIssuer(options.deploymentId);

  const verify = async (token: string): Promise<TokenFinding> => {
    const { kid } = decodeProtectedHeader(token);
    if (kid === undefined || !KEY_ID.test(kid)) return "bad";
    const signing = await keyRing.find(kid);
    // A key drawn by another isolate may not have reached this one yet.
    if (!signing) return "unsure";
    const { payload } = await jwtVerify(token, signing.key, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer: await issuer(),
      audience: AUDIENCE,
      requiredClaims: REQUIRED,
      currentDate: new Date(clock.now()),
      clockTolerance: LEEWAY_MS / SECOND,
      maxTokenAge: (ACCESS_TOKEN_LIFE_MS + BACKDATED_MS) / SECOND,
    });
    return userOf(payload) ?? "bad";
  };

  return {
    goodMs: RECHECK_MS,
    claims: claimsToBeAccessToken,
    async check(token) {
      try {
        return await verify(token);
      } catch (error) {
        if (error instanceof errors.JOSEError) return "bad";
        log.warn("access token could not be checked", { error });
        return "unsure";
      }
    },
    async issue({ accountId, sessionId, role }) {
      const { kid, key } = await keyRing.signing();
      const issuedAtS = Math.floor((clock.now() - BACKDATED_MS) / SECOND);
      return await new SignJWT({ sid: sessionId, role, token_use: USE })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
        .setIssuer(await issuer())
        .setAudience(AUDIENCE)
        .setSubject(accountId)
        .setJti(randomBase62(JTI_CHARACTERS))
        .setIssuedAt(issuedAtS)
        .setExpirationTime(issuedAtS + (ACCESS_TOKEN_LIFE_MS + BACKDATED_MS) / SECOND)
        .sign(key);
    },
  };
}

function createIssuer(deploymentId: () => Promise<string>): () => Promise<string> {
  let known: string | undefined;
  return async () => known ??= issuerOf(await deploymentId());
}

/** By its key or by its issuer: what says either is judged here and never as the site's. */
export function claimsToBeAccessToken(token: string): boolean {
  try {
    const { kid } = decodeProtectedHeader(token);
    if (typeof kid === "string" && KEY_ID.test(kid)) return true;
    return isOurIssuer(decodeJwt(token).iss);
  } catch {
    return false;
  }
}

function userOf(payload: JWTPayload): VerifiedUser | undefined {
  const { sub, sid, role, exp, token_use: use } = payload;
  const fits = use === USE && typeof sub === "string" && ACCOUNT_ID.test(sub) && isRole(role) &&
    typeof sid === "string" && SESSION_ID.test(sid) && Number.isFinite(exp);
  if (!fits) return undefined;
  const expiresAt = Number(exp) * SECOND + LEEWAY_MS;
  return { id: sub, expiresAt, roles: [role], realm: "gatehouse", sessionId: sid };
}
