/**
 * Which key may prove a token, and by which algorithm. Each kind of key has its algorithms fixed
 * here, so that a token cannot choose: a public key is never tried as a shared secret.
 */
import { Buffer } from "node:buffer";
import { createPublicKey, type KeyObject } from "node:crypto";
import type { CryptoKey, JWK, JWTVerifyGetKey } from "jose";
import { ConfigError } from "../config.ts";

export interface KeySource {
  readonly algorithms: readonly string[];
  readonly keyFor: JWTVerifyGetKey;
}

/** RFC 7518 3.2 demands a key as long as the hash; jose itself takes any. */
const SECRET_BYTES_MIN = 32;
const RSA_BITS_MIN = 2_048;
const JWKS_ALGORITHMS = ["EdDSA", "Ed25519", "ES256", "ES384", "RS256", "PS256"];

/** HS256 by a shared secret. Throws `ConfigError` naming JWT_SECRET. */
export function secretSource(secret: string): KeySource {
  const bytes = new TextEncoder().encode(secret);
  if (bytes.length < SECRET_BYTES_MIN) {
    throw new ConfigError(`JWT_SECRET must be at least ${SECRET_BYTES_MIN} bytes`);
  }
  if (secret.trimStart().startsWith("-----BEGIN")) {
    throw new ConfigError(
      "JWT_SECRET holds a PEM key: whoever has that file could sign tokens. " +
        "Use JWT_PUBLIC_KEY for a public key",
    );
  }
  let key: Promise<CryptoKey> | undefined;
  const keyFor = () => key ??= importHmac(bytes);
  return { algorithms: ["HS256"], keyFor };
}

/** EdDSA, ES256 or RS256, as the key's own kind says. Throws `ConfigError` naming JWT_PUBLIC_KEY. */
export function publicKeySource(pem: string): KeySource {
  const { algorithms, jwk } = readPublicKey(pem);
  return { algorithms, keyFor: () => jwk };
}

/** Asymmetric algorithms alone, with the keys that `keyFor` finds. */
export function jwksSource(keyFor: JWTVerifyGetKey): KeySource {
  return { algorithms: JWKS_ALGORITHMS, keyFor };
}

function importHmac(bytes: BufferSource): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, [
    "verify",
  ]);
}

function readPublicKey(pem: string): { algorithms: readonly string[]; jwk: JWK } {
  let key: KeyObject;
  try {
    // Settings pages and .env files often keep a PEM on one line, with the newlines written out.
    key = createPublicKey(pem.replaceAll("\\n", "\n"));
  } catch (cause) {
    throw new ConfigError("JWT_PUBLIC_KEY cannot be read as a PEM public key", { cause });
  }
  const jwk = key.export({ format: "jwk" }) as JWK;
  const kind = [jwk.kty, jwk.crv].filter(Boolean).join(" ");
  if (kind === "OKP Ed25519") return { algorithms: ["EdDSA", "Ed25519"], jwk };
  if (kind === "EC P-256") return { algorithms: ["ES256"], jwk };
  if (kind === "RSA" && rsaBits(jwk) >= RSA_BITS_MIN) return { algorithms: ["RS256"], jwk };
  throw new ConfigError(
    `JWT_PUBLIC_KEY must be Ed25519, P-256, or RSA of at least ${RSA_BITS_MIN} bits: ` +
      `it is ${kind}${kind === "RSA" ? ` of ${rsaBits(jwk)} bits` : ""}`,
  );
}

function rsaBits({ n = "" }: JWK): number {
  return Buffer.from(n, "base64url").length * 8;
}
