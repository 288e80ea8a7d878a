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

/**
 * A limit's ring of slots: `j` is the slot that was current at the last write, `u` the permits
 * counted in each slot from slot `f` on, and `w` a random number of that write, by which its
 * writer knows it again when the reply was lost.
 */
export interface LimitRing {
  readonly j: number;
  readonly f: number;
  readonly u: readonly number[];
  readonly w: number;
}

/** What one deployment's isolates share from its first start on. */
export interface Deployment {
  readonly id: string;
  /** Random bytes that sign page cursors. */
  readonly cursorKey: Uint8Array<ArrayBuffer>;
}

/** An order of the demo shop. Amounts are minor units of `currency`. */
export interface ShopOrder {
  readonly id: string;
  /** Unix time in milliseconds. */
  readonly createdAt: number;
  readonly country: string;
  readonly currency: string;
  readonly items: readonly {
    readonly product_id: string;
    readonly name: string;
    readonly quantity: number;
    readonly price: number;
  }[];
  readonly subtotal: number;
  readonly delivery: number;
  readonly tax: number;
  readonly total: number;
  readonly payment_method: string;
  readonly ship_to: {
    readonly name: string;
    readonly email: string;
    readonly street: string;
    readonly city: string;
    readonly region: string;
    readonly postcode: string;
  };
}

/** An owner's orders, newest first, with what tells a repeated order form. */
export type ShopOrderIndex = readonly {
  readonly id: string;
  readonly createdAt: number;
  readonly token?: string;
  readonly fingerprint: string;
}[];

export const keys = {
  /** Permits of one subject under one limit · window + lease horizon · limits */
  limitRing: (limit: string, subject: string) => entry<LimitRing>("rl", limit, subject),
  /** Wall time of an isolate's last heartbeat · 90 s · limits */
  isolate: (id: string) => entry<number>("isolate", id),
  /** Id of this deployment, drawn at its first start · for ever · services */
  deployment: () => entry<Deployment>("deployment"),
  /** One order of the demo shop · 90 days · demo shop */
  shopOrder: (owner: string, id: string) => entry<ShopOrder>("shop_order", owner, id),
  /** The last 50 orders of an owner · 90 days after the last · demo shop */
  shopOrders: (owner: string) => entry<ShopOrderIndex>("shop_orders", owner),
  /** What a start-up test of KV wrote and reads back · 1 minute · kv */
  selfTest: (nonce: string) => entry<string>("self_test", nonce),
} as const;

export const prefixes = {
  isolates: (): Prefix<number> => ({ parts: ["isolate"] }),
} as const;
