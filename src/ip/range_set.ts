/**
 * Many ranges of addresses as one sorted table of numbers, asked whether an address lies in one of
 * them. For lists of up to half a million ranges, looked up beside every request: 8 bytes an IPv4
 * range, and a search of 20 steps. Which list it is, and what a hit means, is its owner's affair.
 */
import { type Address, type Cidr, parseAddress, parseCidr, prefixText } from "./cidr.ts";

export interface RangeSet {
  /** Whether the address (canonical text, as in `ClientAddress.ip`) lies in one of the ranges. */
  has(ip: string): boolean;
  /** Ranges left after overlapping and touching ones were joined. */
  readonly size: number;
  /** What `rangeSetOf` makes the set from again. */
  readonly tables: RangeTables;
}

/** First and last address of each range, in order; an IPv6 address takes four numbers. */
export interface RangeTables {
  readonly ipv4: Uint32Array;
  readonly ipv6: Uint32Array;
}

export interface RangeSetBuilder {
  add(range: Cidr): void;
  build(): RangeSet;
}

const IPV4_WORDS = 1;
const IPV6_WORDS = 4;
type Words = typeof IPV4_WORDS | typeof IPV6_WORDS;

/** A range as canonical text (a single address without its prefix), or why it is none. */
export function canonicalRange(text: string): { readonly text: string } | { readonly why: string } {
  const range = parseCidr(text.trim());
  if (typeof range === "string") return { why: range };
  const { kind, bytes, bits } = range;
  const address: Address = { kind, bytes, text: "" };
  const written = prefixText(address, bits);
  const isSingle = bits === bytes.length * 8;
  return { text: isSingle ? written.slice(0, written.lastIndexOf("/")) : written };
}

/** A set of ranges given as text; those that are none are left out. */
export function createRangeSet(texts: Iterable<string>): RangeSet {
  const builder = createRangeSetBuilder();
  for (const text of texts) {
    const range = parseCidr(text);
    if (typeof range !== "string") builder.add(range);
  }
  return builder.build();
}

/** Takes ranges one by one, holding 8 bytes of each IPv4 range and no object. */
export function createRangeSetBuilder(): RangeSetBuilder {
  /** Address times 64 plus prefix length: one number sorts and says all. */
  const ipv4: number[] = [];
  const ipv6: Uint32Array[] = [];
  return {
    add({ kind, bytes, bits }) {
      if (kind === "ipv4") ipv4.push(word(bytes, 0) * 64 + bits);
      else ipv6.push(boundsOf(bytes, bits));
    },
    build() {
      const small = join(sortedIpv4(ipv4), IPV4_WORDS);
      ipv6.sort((one, other) => compare(one, 0, other, 0, IPV6_WORDS));
      const large = new Uint32Array(ipv6.length * 2 * IPV6_WORDS);
      ipv6.forEach((bounds, at) => large.set(bounds, at * 2 * IPV6_WORDS));
      return rangeSetOf({ ipv4: small, ipv6: join(large, IPV6_WORDS) });
    },
  };
}

export function rangeSetOf(tables: RangeTables): RangeSet {
  const { ipv4, ipv6 } = tables;
  const key = new Uint32Array(IPV6_WORDS);
  return {
    tables,
    size: ipv4.length / 2 + ipv6.length / (2 * IPV6_WORDS),
    has(ip) {
      if (ip.includes(":")) {
        const address = ipv6.length > 0 ? parseAddress(ip) : undefined;
        if (!address) return false;
        if (address.kind === "ipv4") return this.has(address.text);
        for (let at = 0; at < IPV6_WORDS; at++) key[at] = word(address.bytes, at * 4);
        return contains(ipv6, key, IPV6_WORDS);
      }
      const number = ipv4.length > 0 ? dotted(ip) : undefined;
      if (number === undefined) return false;
      key[0] = number;
      return contains(ipv4, key, IPV4_WORDS);
    },
  };
}

/** Four bytes as one unsigned number. */
const word = (bytes: readonly number[], at: number) =>
  (bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3]) >>> 0;

/** A dotted address as a number. Written out: it is read for every request. */
function dotted(ip: string): number | undefined {
  let number = 0;
  let part = 0;
  let dots = 0;
  for (let at = 0; at < ip.length; at++) {
    const code = ip.charCodeAt(at);
    if (code === 46) {
      number = number * 256 + part;
      part = 0;
      dots++;
    } else if (code >= 48 && code <= 57) {
      part = part * 10 + code - 48;
      if (part > 255) return undefined;
    } else {
      return undefined;
    }
  }
  return dots === 3 ? number * 256 + part : undefined;
}

function boundsOf(bytes: readonly number[], bits: number): Uint32Array {
  const bounds = new Uint32Array(2 * IPV6_WORDS);
  for (let at = 0; at < IPV6_WORDS; at++) {
    const free = Math.min(32, Math.max(0, (at + 1) * 32 - bits));
    bounds[at] = word(bytes, at * 4);
    bounds[IPV6_WORDS + at] = bounds[at] + 2 ** free - 1;
  }
  return bounds;
}

function sortedIpv4(packed: readonly number[]): Uint32Array {
  const sorted = Float64Array.from(packed).sort();
  const bounds = new Uint32Array(sorted.length * 2);
  sorted.forEach((value, at) => {
    const bits = value % 64;
    bounds[at * 2] = (value - bits) / 64;
    bounds[at * 2 + 1] = bounds[at * 2] + 2 ** (32 - bits) - 1;
  });
  return bounds;
}

/** Joins ranges that overlap or touch; `bounds` are sorted by their first address. */
function join(bounds: Uint32Array, words: Words): Uint32Array {
  const joined = new Uint32Array(bounds.length);
  const step = 2 * words;
  let length = 0;
  for (let from = 0; from < bounds.length; from += step) {
    const end = length - words;
    if (length > 0 && compare(bounds, from, after(joined, end, words), 0, words) <= 0) {
      if (compare(bounds, from + words, joined, end, words) > 0) {
        joined.set(bounds.subarray(from + words, from + step), end);
      }
    } else {
      joined.set(bounds.subarray(from, from + step), length);
      length += step;
    }
  }
  return joined.slice(0, length);
}

/** The address behind the one at `at`; the last of all stays itself. */
function after(bounds: Uint32Array, at: number, words: Words): Uint32Array {
  const next = bounds.slice(at, at + words);
  if (next.every((value) => value === 0xffff_ffff)) return next;
  for (let index = words - 1; index >= 0; index--) {
    next[index]++;
    if (next[index] !== 0) break;
  }
  return next;
}

function compare(a: Uint32Array, atA: number, b: Uint32Array, atB: number, words: Words): number {
  for (let index = 0; index < words; index++) {
    const difference = a[atA + index] - b[atB + index];
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether the last range that begins at or before `key` still covers it. */
function contains(bounds: Uint32Array, key: Uint32Array, words: Words): boolean {
  const step = 2 * words;
  let low = 0;
  let high = bounds.length / step;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(bounds, middle * step, key, 0, words) <= 0) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return false;
  return compare(bounds, (low - 1) * step + words, key, 0, words) >= 0;
}
