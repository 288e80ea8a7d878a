/**
 * The texts that sign-ins are known by: the refresh token `ghr_<session>_<secret>` and the cookie of
 * the console `ghc_<session>_<secret>`. The first 16 bytes of a refresh token's secret are the same
 * in all tokens of one sign-in, so that an old one can be told from an invented one.
 */
import { deriveKey, fromBase64Url, hashSecret, randomSecret, toBase64Url } from "./secrets.ts";

export interface RefreshToken {
  readonly text: string;
  readonly sessionId: string;
  readonly secretHash: string;
  readonly familyHash: string;
  /** The next token of the same sign-in. */
  successor(): RefreshToken;
  /** A key that only who has this token can know. */
  readonly sealingKey: () => Uint8Array;
}

export interface ConsoleCookie {
  readonly text: string;
  readonly sessionId: string;
  readonly secretHash: string;
  /** What a form must bring along: known to pages that were read with the cookie alone. */
  readonly csrfToken: () => string;
}

const FAMILY_BYTES = 16;
const SECRET_BYTES = 32;
const REFRESH_TOKEN = /^ghr_([0-9A-Za-z]{20})_([\w-]{64})$/;
const CONSOLE_COOKIE = /^ghc_([0-9A-Za-z]{20})_([\w-]{43})$/;
const EITHER = /gh[rc]_[0-9A-Za-z]{20}_[\w-]/;

/** Whether there is a refresh token or a cookie's value anywhere in the text, or its beginning. */
export function holdsSessionSecret(text: string): boolean {
  return EITHER.test(text);
}

export function newRefreshToken(sessionId: string): RefreshToken {
  return refreshToken(sessionId, randomSecret(FAMILY_BYTES + SECRET_BYTES));
}

/** Undefined for a text that cannot be one. */
export function readRefreshToken(text: string): RefreshToken | undefined {
  const [, sessionId, secret] = REFRESH_TOKEN.exec(text) ?? [];
  return sessionId === undefined ? undefined : refreshToken(sessionId, fromBase64Url(secret));
}

function refreshToken(sessionId: string, secret: Uint8Array): RefreshToken {
  const family = secret.subarray(0, FAMILY_BYTES);
  return {
    text: `ghr_${sessionId}_${toBase64Url(secret)}`,
    sessionId,
    secretHash: hashSecret(secret),
    familyHash: hashSecret(family),
    successor: () =>
      refreshToken(sessionId, new Uint8Array([...family, ...randomSecret(SECRET_BYTES)])),
    sealingKey: () => deriveKey(secret, "gatehouse refresh successor v1"),
  };
}

export function newConsoleCookie(sessionId: string): ConsoleCookie {
  return consoleCookie(sessionId, randomSecret(SECRET_BYTES));
}

/** Undefined for a text that cannot be one. */
export function readConsoleCookie(text: string): ConsoleCookie | undefined {
  const [, sessionId, secret] = CONSOLE_COOKIE.exec(text) ?? [];
  return sessionId === undefined ? undefined : consoleCookie(sessionId, fromBase64Url(secret));
}

function consoleCookie(sessionId: string, secret: Uint8Array): ConsoleCookie {
  return {
    text: `ghc_${sessionId}_${toBase64Url(secret)}`,
    sessionId,
    secretHash: hashSecret(secret),
    csrfToken: () => toBase64Url(deriveKey(secret, "gatehouse csrf v1")),
  };
}
