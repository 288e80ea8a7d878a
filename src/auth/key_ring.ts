/**
 * The keys that sign our access tokens: which one signs now, and which ones are still believed.
 * They are derived from JWT_SECRET, so that a token the site signed with that secret is none of
 * ours; without JWT_SECRET they are drawn and kept in KV (kept_ring.ts).
 */
import { ConfigError } from "../config.ts";
import { deriveKey, hashSecret } from "./secrets.ts";

export interface SigningKey {
  /** `gh1-` and 8 hexadecimal digits. The algorithm of such a key is HS256, always. */
  readonly kid: string;
  readonly key: Uint8Array<ArrayBuffer>;
}

export interface KeyRing {
  signing(): Promise<SigningKey>;
  /** Undefined for a key that is not ours, or not yet known here. */
  find(kid: string): Promise<SigningKey | undefined>;
}

export const KEY_ID = /^gh1-[0-9a-f]{8}$/;

/** RFC 7518 3.2 demands a key as long as the hash. */
const SECRET_BYTES_MIN = 32;
const ID_CHARACTERS = 8;

export function deriveSigningKey(secret: Uint8Array): SigningKey {
  const key = deriveKey(secret, "gatehouse access token v1");
  return { kid: `gh1-${hashSecret(key).slice(0, ID_CHARACTERS)}`, key };
}

/**
 * JWT_SECRET signs, and JWT_SECRET_PREVIOUS is believed as well. Throws `ConfigError` naming the
 * setting that holds a secret under 32 bytes.
 */
export function createSecretRing(secret: string, previous: readonly string[]): KeyRing {
  const encoder = new TextEncoder();
  const [current, ...former] = [secret, ...previous].map((text, index) => {
    const bytes = encoder.encode(text);
    if (bytes.length >= SECRET_BYTES_MIN) return deriveSigningKey(bytes);
    const name = index === 0 ? "JWT_SECRET" : "JWT_SECRET_PREVIOUS";
    throw new ConfigError(`${name} must be at least ${SECRET_BYTES_MIN} bytes`);
  });
  const known = [current, ...former];
  return {
    signing: () => Promise.resolve(current),
    find: (kid) => Promise.resolve(known.find((key) => key.kid === kid)),
  };
}
