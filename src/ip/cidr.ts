/**
 * What is an address, and does it lie in a range. Text is judged strictly, because every lenient
 * reading ("010.0.0.1", "0x7f.1", "1.2.3") is one that some other program reads differently; and an
 * IPv4 address in an IPv6 coat is the IPv4 address, or one client would own two counters. Written
 * out rather than left to `ipaddr.js`, which the tests hold it against: that takes 13 µs for an IPv6
 * address and reads octal in the tail of a mapped one; a flood of fresh addresses comes through here.
 */

/** An address in canonical form. */
export interface Address {
  readonly kind: "ipv4" | "ipv6";
  /** Dotted IPv4, or compressed lower-case IPv6 (RFC 5952). */
  readonly text: string;
  /** The 4 or 16 bytes, first one first. */
  readonly bytes: readonly number[];
}

/** A range of addresses of one kind. */
export interface Cidr {
  readonly kind: "ipv4" | "ipv6";
  readonly bytes: readonly number[];
  readonly bits: number;
}

/** No address is longer: eight full groups, and the zones that operating systems write after it. */
const ADDRESS_TEXT_MAX = 64;

/** The first 96 bits under which an IPv6 address carries an IPv4 one: mapped, and NAT64. */
const IPV4_COATS: readonly (readonly number[])[] = [
  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
  [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0],
];
const COAT_BITS = 96;

/** Reads an address without port or brackets; undefined when it is not one. */
export function parseAddress(text: string): Address | undefined {
  const bytes = readBytes(text);
  return bytes && addressOf(uncoat(bytes));
}

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32` or a single address. A text that cannot be meant is answered
 * with the reason, in words that follow "because".
 */
export function parseCidr(text: string): Cidr | string {
  const [head, tail, ...rest] = text.split("/");
  const written = readBytes(head);
  if (!written || rest.length > 0) return "it is not an address or a CIDR";
  if (tail !== undefined && !/^\d{1,3}$/.test(tail)) return "its prefix is not a number";
  const bytes = uncoat(written);
  // A mapped range such as ::ffff:10.0.0.0/104 is the IPv4 range 10.0.0.0/8.
  const coatBits = bytes.length < written.length ? COAT_BITS : 0;
  const bits = (tail === undefined ? written.length * 8 : Number(tail)) - coatBits;
  if (bits > bytes.length * 8) return "its prefix is too long";
  if (bits <= 0) return "it covers every address, so that anyone could name any address";
  const first = prefixBytes(bytes, bits);
  if (first.some((byte, index) => byte !== bytes[index])) {
    return `it has bits set behind its prefix (did you mean ${addressOf(first).text}/${bits}?)`;
  }
  return { kind: bytes.length === 4 ? "ipv4" : "ipv6", bytes, bits };
}

/** A test of addresses for one range; undefined when the text is not an address or a CIDR. */
export function parseRange(text: string): ((ip: string) => boolean) | undefined {
  const cidr = parseCidr(text);
  if (typeof cidr === "string") return undefined;
  return (ip) => {
    const address = parseAddress(ip);
    return address !== undefined && cidrContains(cidr, address);
  };
}

/** Whether `address` lies in `cidr`; never when their kinds differ. */
export function cidrContains(cidr: Cidr, address: Address): boolean {
  if (cidr.kind !== address.kind) return false;
  const whole = cidr.bits >> 3;
  for (let index = 0; index < whole; index++) {
    if (cidr.bytes[index] !== address.bytes[index]) return false;
  }
  const restBits = cidr.bits & 7;
  return restBits === 0 ||
    (cidr.bytes[whole] ^ address.bytes[whole]) >> (8 - restBits) === 0;
}

/** The range of `bits` bits that `address` lies in, as text: `2001:db8:1:2::/64`. */
export function prefixText(address: Address, bits: number): string {
  return `${addressOf(prefixBytes(address.bytes, bits)).text}/${bits}`;
}

function prefixBytes(bytes: readonly number[], bits: number): number[] {
  return bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    return byte & (0xff00 >> kept) & 0xff;
  });
}

function readBytes(text: string): number[] | undefined {
  if (text.length > ADDRESS_TEXT_MAX) return undefined;
  return text.includes(":") ? readIpv6(text.replace(ZONE, "")) : readIpv4(text);
}

/** Which of the reader's own networks an address is on; means nothing to us. */
const ZONE = /%[\w.-]{1,32}$/;

const IPV4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

function readIpv4(text: string): number[] | undefined {
  const parts = IPV4.exec(text);
  if (!parts) return undefined;
  const bytes = [Number(parts[1]), Number(parts[2]), Number(parts[3]), Number(parts[4])];
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function readIpv6(text: string): number[] | undefined {
  const gap = text.indexOf("::");
  if (gap < 0) {
    const bytes = readGroups(text, true);
    return bytes?.length === 16 ? bytes : undefined;
  }
  const left = readGroups(text.slice(0, gap), false);
  const right = readGroups(text.slice(gap + 2), true);
  // `::` stands for at least one group.
  if (!left || !right || left.length + right.length > 14) return undefined;
  return [...left, ...new Array<number>(16 - left.length - right.length).fill(0), ...right];
}

const GROUP = /^[0-9a-f]{1,4}$/i;

/** The bytes of `a:b:c`, whose last group may be a dotted IPv4 address where the text ends. */
function readGroups(text: string, endsText: boolean): number[] | undefined {
  const bytes: number[] = [];
  if (text === "") return bytes;
  const groups = text.split(":");
  for (let at = 0; at < groups.length; at++) {
    if (GROUP.test(groups[at])) {
      const value = parseInt(groups[at], 16);
      bytes.push(value >> 8, value & 0xff);
      continue;
    }
    const tail = endsText && at === groups.length - 1 ? readIpv4(groups[at]) : undefined;
    if (!tail) return undefined;
    bytes.push(...tail);
  }
  return bytes;
}

function uncoat(bytes: number[]): number[] {
  const coated = bytes.length === 16 &&
    IPV4_COATS.some((coat) => coat.every((byte, index) => byte === bytes[index]));
  return coated ? bytes.slice(12) : bytes;
}

function addressOf(bytes: number[]): Address {
  if (bytes.length === 4) return { kind: "ipv4", text: bytes.join("."), bytes };
  return { kind: "ipv6", text: ipv6Text(bytes), bytes };
}

/** RFC 5952: the first of the longest runs of two or more zero groups becomes `::`. */
function ipv6Text(bytes: readonly number[]): string {
  const groups: string[] = [];
  let start = 0;
  let length = 1;
  for (let at = 0, run = 0; at < 8; at++) {
    const group = bytes[at * 2] << 8 | bytes[at * 2 + 1];
    groups.push(group.toString(16));
    run = group === 0 ? run + 1 : 0;
    if (run > length) [start, length] = [at - run + 1, run];
  }
  if (length === 1) return groups.join(":");
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}
