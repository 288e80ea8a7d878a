/**
 * Secrets as text and bytes: drawing them, hashing them, deriving keys from them, comparing and
 * sealing. The one place of this room that touches primitives.
 */
import { Buffer } from "node:buffer";
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Bytes from here on are drawn again, so that every character is as likely as any other. */
const BASE62_BYTES = 256 - 256 % BASE62.length;
const TIME_CHARACTERS = 9;
const ID_CHARACTERS = 20;
const SEQUENCE_CHARACTERS = 3;
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A random text of letters and digits: 5.95 bits a character. */
export function randomBase62(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length - text.length)) {
      if (byte < BASE62_BYTES) text += BASE62[byte % BASE62.length];
    }
  }
  return text;
}

/** A number as base62 digits, with zeros in front up to `length`. */
export function toBase62(value: number, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest = Math.floor(rest / BASE62.length)) {
    text = BASE62[rest % BASE62.length] + text;
  }
  return text;
}

/** An id that sorts by the time it was made: `acc_` and 20 letters and digits. */
export function orderedId(prefix: string, now: number): string {
  const time = now.toString(36).padStart(TIME_CHARACTERS, "0");
  const rest = ID_CHARACTERS - TIME_CHARACTERS - SEQUENCE_CHARACTERS;
  return `${prefix}_${time}${nextInSequence()}${randomBase62(rest)}`;
}

let sequence = 0;

/** Sorts what this process makes within one millisecond; begins anew after 238,328. */
export function nextInSequence(): string {
  sequence = (sequence + 1) % BASE62.length ** SEQUENCE_CHARACTERS;
  return toBase62(sequence, SEQUENCE_CHARACTERS);
}

export function randomSecret(sizeBytes: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(sizeBytes));
}

export function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

export function fromBase64Url(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64url"));
}

/** SHA-256 as 64 hexadecimal digits. Enough for random secrets; passwords have their own hash. */
export function hashSecret(secret: string | Uint8Array): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Compares without telling by the time taken how much was right. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** A key of 32 bytes for one purpose; keys of other purposes tell nothing about it. */
export function deriveKey(secret: Uint8Array, purpose: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), purpose, KEY_BYTES));
}

/** AES-256-GCM; `context` must be the same to open it. */
export function seal(key: Uint8Array, plain: Uint8Array, context: string): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(context));
  const sealed = [iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()];
  return new Uint8Array(Buffer.concat(sealed));
}

/** What was sealed, or undefined under another key or context, or when it was changed. */
export function unseal(
  key: Uint8Array,
  sealed: Uint8Array,
  context: string,
): Uint8Array | undefined {
  if (sealed.length < IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, IV_BYTES))
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    const plain = decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES));
    return new Uint8Array(Buffer.concat([plain, decipher.final()]));
  } catch {
    return undefined;
  }
}
