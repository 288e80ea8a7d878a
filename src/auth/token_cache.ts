/**
 * Remembers what was found out about a token, by its exact text, for a time. Bounded both in
 * entries and in characters, as the keys are written by strangers; two generations, so that
 * forgetting costs nothing per entry.
 */
import type { Clock } from "../time.ts";

export interface TokenCacheOptions {
  readonly clock: Clock;
  readonly entriesMax: number;
  /** Characters of all keys together. */
  readonly charsMax: number;
}

export interface TokenCache<Value> {
  get(key: string): Value | undefined;
  /** @param until Unix time in milliseconds from which the value is no longer answered. */
  set(key: string, value: Value, until: number): void;
  delete(key: string): void;
  readonly size: number;
}

interface Entry<Value> {
  readonly value: Value;
  readonly until: number;
}

export function createTokenCache<Value>(
  { clock, entriesMax, charsMax }: TokenCacheOptions,
): TokenCache<Value> {
  let young = new Map<string, Entry<Value>>();
  let old = new Map<string, Entry<Value>>();
  let youngChars = 0;

  const keep = (key: string, entry: Entry<Value>) => {
    const full = young.size >= entriesMax / 2 || youngChars + key.length > charsMax / 2;
    if (full && young.size > 0) {
      old = young;
      young = new Map();
      youngChars = 0;
    }
    if (!young.has(key)) youngChars += key.length;
    young.set(key, entry);
  };

  return {
    get(key) {
      let entry = young.get(key);
      if (entry === undefined) {
        entry = old.get(key);
        if (entry === undefined) return undefined;
        if (entry.until > clock.now()) keep(key, entry);
      }
      return entry.until > clock.now() ? entry.value : undefined;
    },
    set: (key, value, until) => keep(key, { value, until }),
    delete(key) {
      if (young.delete(key)) youngChars -= key.length;
      old.delete(key);
    },
    get size() {
      return young.size + old.size;
    },
  };
}
