/** Time-based one-time codes as RFC 6238 defines them: SHA-1, 6 digits, steps of 30 seconds. */
import { createHmac } from "node:crypto";
import { SECOND } from "../time.ts";
import { sameSecret } from "./secrets.ts";

const STEP_MS = 30 * SECOND;
const DIGITS = 6;
/** Steps before and after the present one whose code is taken: clocks of telephones differ. */
const WINDOW_STEPS = 1;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const COUNTER_BYTES = 8;
/** An SHA-1 hash ends with the place where its code is read. */
const PLACE_MASK = 0x0f;
const CODE_MASK = 0x7fff_ffff;

export function stepOf(now: number): number {
  return Math.floor(now / STEP_MS);
}

export function totpCode(secret: Uint8Array, step: number, digits = DIGITS): string {
  const counter = new Uint8Array(COUNTER_BYTES);
  new DataView(counter.buffer).setBigUint64(0, BigInt(step));
  const hash = createHmac("sha1", secret).update(counter).digest();
  const place = hash[hash.length - 1] & PLACE_MASK;
  const number = hash.readUInt32BE(place) & CODE_MASK;
  return String(number % 10 ** digits).padStart(digits, "0");
}

/** The step after `lastStep` whose code this is, now or a step aside; undefined when it is none. */
export function findStep(
  secret: Uint8Array,
  code: string,
  now: number,
  lastStep: number,
): number | undefined {
  let found: number | undefined;
  for (let aside = -WINDOW_STEPS; aside <= WINDOW_STEPS; aside++) {
    const step = stepOf(now) + aside;
    // All of them are compared, so that the time taken tells nothing.
    if (sameSecret(totpCode(secret, step), code) && step > lastStep) found ??= step;
  }
  return found;
}

/** RFC 4648 without padding, as authenticator apps read it. */
export function toBase32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let buffer = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8 | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += BASE32[buffer >> (bits - 5) & 0x1f];
  }
  return bits > 0 ? text + BASE32[buffer << (5 - bits) & 0x1f] : text;
}
