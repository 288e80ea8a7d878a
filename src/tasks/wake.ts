/**
 * One isolate wakes another over HTTP: a signed moment, and nothing else. Whoever replays it
 * within a minute causes a sweep that finds nothing.
 */
import type { Log } from "../log.ts";
import { type Clock, MINUTE, SECOND } from "../time.ts";

export const WAKE_TIME_HEADER = "x-gatehouse-time";
export const WAKE_SIGNATURE_HEADER = "x-gatehouse-signature";

const VALID_MS = MINUTE;
const SIGNATURE = /^[0-9a-f]{64}$/;
const TIME = /^\d{10,16}$/;
const CALL_TIMEOUT_MS = 5 * SECOND;
const CALL_EVERY_MS = SECOND;

const encoder = new TextEncoder();
const signedBytes = (time: string) => encoder.encode(`tasks.wake\n${time}`);

function hmacKey(secret: string): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, [
    "sign",
    "verify",
  ]);
}

/** The headers of a wake-up call made now. */
export async function signWake(secret: string, now: number): Promise<Record<string, string>> {
  const time = String(now);
  const signature = await crypto.subtle.sign("HMAC", await hmacKey(secret), signedBytes(time));
  return { [WAKE_TIME_HEADER]: time, [WAKE_SIGNATURE_HEADER]: new Uint8Array(signature).toHex() };
}

/** Whether it was signed with our secret, within the last minute. */
export async function verifyWake(
  secret: string,
  headers: Pick<Headers, "get">,
  now: number,
): Promise<boolean> {
  const time = headers.get(WAKE_TIME_HEADER) ?? "";
  const signature = headers.get(WAKE_SIGNATURE_HEADER) ?? "";
  if (!TIME.test(time) || !SIGNATURE.test(signature)) return false;
  if (Math.abs(now - Number(time)) > VALID_MS) return false;
  const bytes = Uint8Array.fromHex(signature);
  return await crypto.subtle.verify("HMAC", await hmacKey(secret), bytes, signedBytes(time));
}

export interface WakeCallerOptions {
  readonly url: string;
  readonly secret: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly log: Log;
}

/** Calls the other instance, at most once a second. Never rejects: it is only a hint. */
export function createWakeCaller(options: WakeCallerOptions): () => Promise<void> {
  const { url, secret, fetch, clock, log } = options;
  let calledAt = -Infinity;
  return async () => {
    if (clock.monotonic() - calledAt < CALL_EVERY_MS) return;
    calledAt = clock.monotonic();
    try {
      const headers = await signWake(secret, clock.now());
      const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
      const response = await fetch(url, { method: "POST", headers, signal });
      await response.body?.cancel();
    } catch (cause) {
      log.debug("tasks.wake_failed", { cause });
    }
  };
}
