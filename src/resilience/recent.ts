/** Remembers the latest answers in two generations, so that forgetting costs nothing per entry. */

export interface Recent<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  /** Entries kept now; never more than the bound. */
  readonly size: number;
}

/**
 * Keeps at least the last `entriesMax / 2` keys that were used, and at most `entriesMax`. When the
 * young generation is full it becomes the old one, and what was old and not used since is gone.
 */
export function createRecent<Value>(entriesMax: number): Recent<Value> {
  const generationMax = Math.max(1, Math.floor(entriesMax / 2));
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  const set = (key: string, value: Value) => {
    if (young.size >= generationMax && !young.has(key)) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };
  return {
    set,
    get(key) {
      const fresh = young.get(key);
      if (fresh !== undefined) return fresh;
      const aged = old.get(key);
      if (aged !== undefined) set(key, aged);
      return aged;
    },
    get size() {
      return young.size + old.size;
    },
  };
}
