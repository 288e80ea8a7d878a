/**
 * Page cursors that only we can make. KV takes any cursor, also one of another prefix, and answers
 * nothing without an error, so a cursor carries a signature over the prefix and the direction.
 */
import { AppError } from "../errors/app_error.ts";

/** What a cursor belongs to: it is good for this range, in this direction, and nowhere else. */
export interface CursorScope {
  readonly prefix: Deno.KvKey;
  readonly reverse: boolean;
  readonly from?: Deno.KvKey;
  readonly until?: Deno.KvKey;
}

export interface Cursors {
  /** A URL-safe cursor that stands for KV's own `place`. */
  sign(scope: CursorScope, place: string): Promise<string>;
  /** KV's own place again. Throws `AppError("INVALID_CURSOR")` for anything we did not sign. */
  open(scope: CursorScope, cursor: string): Promise<string>;
}

/** The bytes that sign, or where to read them when the first cursor is needed. */
export type CursorKey = Uint8Array<ArrayBuffer> | (() => Promise<Uint8Array<ArrayBuffer>>);

/** A signature and KV's own place, which holds at most a key, in base64 twice over. */
const CURSOR_CHARACTERS_MAX = 4_096;
const SIGNATURE_BYTES = 32;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The bytes, or undefined when the text is no base64url. */
function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) return undefined;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** One text for one scope: the type of each part is kept, as 1 and "1" and 1n are other keys. */
const scopeText = ({ prefix, reverse, from, until }: CursorScope) =>
  JSON.stringify([reverse, ...typed(prefix), ...bound(from), ...bound(until)]);

const typed = (key: Deno.KvKey) => key.map((part) => [typeof part, String(part)]);
const bound = (key: Deno.KvKey | undefined) => key ? [typed(key)] : [null];

const signedBytes = (scope: CursorScope, place: string) =>
  encoder.encode(`${scopeText(scope)}\n${place}`);

export function createCursors(cursorKey: CursorKey): Cursors {
  let imported: Promise<CryptoKey> | undefined;

  const importKey = async () => {
    const bytes = typeof cursorKey === "function" ? await cursorKey() : cursorKey;
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    return await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
  };
  /** Imported once; a failure to read it is not kept, so that the next page tries again. */
  const key = () =>
    imported ??= importKey().catch((error) => {
      imported = undefined;
      throw error;
    });

  return {
    async sign(scope, place) {
      const signature = await crypto.subtle.sign("HMAC", await key(), signedBytes(scope, place));
      return toBase64Url(new Uint8Array([...new Uint8Array(signature), ...encoder.encode(place)]));
    },
    async open(scope, cursor) {
      const bytes = cursor.length <= CURSOR_CHARACTERS_MAX ? fromBase64Url(cursor) : undefined;
      if (!bytes || bytes.length <= SIGNATURE_BYTES) throw new AppError("INVALID_CURSOR");
      const place = decoder.decode(bytes.subarray(SIGNATURE_BYTES));
      const signature = bytes.subarray(0, SIGNATURE_BYTES);
      const signed = signedBytes(scope, place);
      if (await crypto.subtle.verify("HMAC", await key(), signature, signed)) return place;
      throw new AppError("INVALID_CURSOR");
    },
  };
}
