/**
 * The keys that an issuer publishes at JWKS_URL. One fetch at a time, with a deadline and a pause
 * between two, so that tokens with invented key ids cannot make us hammer the issuer; and keys once
 * read stay in use while the issuer is down, because its outage must not sign everyone out.
 */
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from "jose";
import { z } from "zod";
import type { Log } from "../log.ts";
import { type Clock, DAY, MINUTE, SECOND } from "../time.ts";

export interface JwksOptions {
  readonly url: URL;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly log: Log;
}

/** Thrown when it cannot be said whether the issuer has the key. */
export class JwksUnavailable extends Error {
  override readonly name = "JwksUnavailable";
}

const DEADLINE_MS = 3 * SECOND;
/** Until then the keys are taken as they are; after it they are read again beside the requests. */
const FRESH_MS = 10 * MINUTE;
/** A key that the issuer withdrew must not live for ever because its server is unreachable. */
const STALE_MS = DAY;
const PAUSE_MS = 30 * SECOND;
const PAUSE_AFTER_FAILURE_MS = 5 * SECOND;
const BODY_BYTES_MAX = 256 * 1024;
const KEYS_MAX = 100;

/** Public keys alone: a shared secret ("oct") in a published set is no secret. */
const jwkSet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(KEYS_MAX) })
  .transform(({ keys }) => keys.filter(({ kty }) => ["RSA", "EC", "OKP"].includes(kty)))
  .pipe(z.array(z.looseObject({ kty: z.string() })).min(1, "holds no public key"));

/** Finds the key for a token's header; only asymmetric algorithms, and never a key of the token's. */
export function createJwks(options: JwksOptions): JWTVerifyGetKey {
  const { url, clock, log } = options;
  let keys: JWTVerifyGetKey | undefined;
  let readAt = 0;
  let nextFetchAt = -Infinity;
  let inFlight: Promise<void> | undefined;

  const load = async () => {
    try {
      keys = createLocalJWKSet({ keys: await readKeys(options) });
      readAt = clock.monotonic();
      nextFetchAt = readAt + PAUSE_MS;
    } catch (error) {
      nextFetchAt = clock.monotonic() + PAUSE_AFTER_FAILURE_MS;
      log.warn("token keys could not be fetched", { host: url.host, error });
    }
    inFlight = undefined;
  };
  /** Undefined while pausing. Never rejects. */
  const refresh = (): Promise<void> | undefined => {
    if (!inFlight && clock.monotonic() >= nextFetchAt) inFlight = load();
    return inFlight;
  };

  return async (header, token) => {
    if (keys && clock.monotonic() - readAt > STALE_MS) keys = undefined;
    if (!keys) await refresh();
    else if (clock.monotonic() - readAt > FRESH_MS) void refresh();
    if (!keys) throw new JwksUnavailable("No keys have been read");
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const refreshed = refresh();
      if (!refreshed) throw new JwksUnavailable("The key is unknown, and was asked for just now");
      await refreshed;
      return await keys(header, token);
    }
  };
}

async function readKeys(options: JwksOptions) {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), DEADLINE_MS);
  try {
    const response = await options.fetch(options.url, {
      headers: { accept: "application/jwk-set+json, application/json" },
      redirect: "error",
      signal: deadline.signal,
    });
    const text = await readText(response);
    if (!response.ok) throw new Error(`Cannot read keys: status ${response.status}`);
    return jwkSet.parse(JSON.parse(text));
  } finally {
    clearTimeout(timer);
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > BODY_BYTES_MAX) throw new Error("Cannot read keys: the answer is too large");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
