/**
 * Map 3: every key, the type of its value, its lifetime and its writer. A key is built nowhere
 * else, so a read of the wrong type does not compile and a prefix cannot be used twice.
 */

/** A key that remembers the type of its value. */
export interface Key<Value> {
  readonly parts: Deno.KvKey;
  /** Never set; it carries the type. */
  readonly value?: Value;
}

/** The start of a family of keys whose values have one type. */
export interface Prefix<Value> {
  readonly parts: Deno.KvKey;
  readonly value?: Value;
}

const entry = <Value>(...parts: Deno.KvKeyPart[]): Key<Value> => ({ parts });

/** A limit's ring of sub-windows: the last slot's index, and the permits counted in each slot. */
export interface LimitRing {
  readonly j: number;
  readonly u: readonly number[];
}

export const keys = {
  /** Permits of one subject under one limit · window + lease horizon · limits */
  limitRing: (limit: string, subject: string) => entry<LimitRing>("rl", limit, subject),
} as const;
