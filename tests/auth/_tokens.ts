/** Keys and tokens for the tests of this room. */
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from "jose";
import { createTokenVerifier, type TokenVerifierOptions } from "../../src/auth/tokens.ts";
import { silentLog } from "../../src/log.ts";
import { createTestClock } from "../_clock.ts";

export const SECRET = "a secret of the tests, 32 bytes+";
export const NOW_MS = 1_800_000_000_000;
export const NOW_S = NOW_MS / 1_000;

export const noFetch: typeof globalThis.fetch = () => Promise.reject(new Error("No network here"));

export const verifier = (options: Partial<TokenVerifierOptions> = {}) =>
  createTokenVerifier({
    demoTokens: false,
    clock: createTestClock(NOW_MS),
    fetch: noFetch,
    log: silentLog,
    ...options,
  });

export const CLAIMS = { sub: "user-7", exp: NOW_S + 600 };

/** A header with a token of these claims, signed with HS256 unless told otherwise. */
export async function bearer(
  claims: Record<string, unknown> = CLAIMS,
  key: CryptoKey | Uint8Array | string = SECRET,
  header: Record<string, unknown> = {},
): Promise<string> {
  const bytes = typeof key === "string" ? new TextEncoder().encode(key) : key;
  const token = await new SignJWT(claims).setProtectedHeader({ alg: "HS256", ...header }).sign(
    bytes,
  );
  return `Bearer ${token}`;
}

/** A header with a token put together by hand, whatever is in it. */
export function forged(header: unknown, payload: unknown, signature = "c2ln"): string {
  const part = (value: unknown) => base64url(JSON.stringify(value));
  return `Bearer ${part(header)}.${part(payload)}.${signature}`;
}

export function base64url(text: string): string {
  return new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
}

export interface Pair {
  readonly privateKey: CryptoKey;
  readonly pem: string;
  readonly jwk: JWK;
}

export async function pair(algorithm: string, kid?: string): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...await exportJWK(publicKey), ...(kid === undefined ? {} : { kid }) };
  return { privateKey, pem: await exportSPKI(publicKey), jwk };
}
