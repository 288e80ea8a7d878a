/**
 * Whether an IPv6 address carries an IPv4 one that a router on the way would connect to instead:
 * NAT64, 6to4, Teredo, ISATAP, IPv4-compatible and IPv4-translated. What it carries does not matter:
 * which of two addresses is meant is for the network to say, so what was checked need not be what is
 * called. A mapped address (`::ffff:10.0.0.1`) is none of these: it is the IPv4 address itself.
 */

/** Groups of the address in lower-case hexadecimal, without leading zeros. */
type Groups = readonly string[];

const FORMS: readonly ((groups: Groups) => boolean)[] = [
  // NAT64: 64:ff9b::/96 (RFC 6052) and 64:ff9b:1::/48 (RFC 8215); IANA gave out nothing beside them.
  ([first, second]) => first === "64" && second === "ff9b",
  // 6to4 (RFC 3056).
  ([first]) => first === "2002",
  // Teredo (RFC 4380).
  ([first, second]) => first === "2001" && second === "0",
  // ISATAP (RFC 5214), under whatever prefix.
  (groups) => /^(?:0|200)$/.test(groups[4]) && groups[5] === "5efe",
  // IPv4-compatible (RFC 4291, 2.5.5.1); `::` and `::1` are addresses of their own.
  (groups) => groups.slice(0, 6).every(isZero) && !(isZero(groups[6]) && /^[01]$/.test(groups[7])),
  // IPv4-translated (RFC 2765).
  (groups) => groups.slice(0, 4).every(isZero) && groups[4] === "ffff" && isZero(groups[5]),
];

/** Also whether it is an IPv6 address that cannot be read, such as one with a zone. */
export function carriesIpv4(ip: string): boolean {
  if (!ip.includes(":")) return false;
  const groups = groupsOf(ip);
  return groups === undefined || FORMS.some((isForm) => isForm(groups));
}

const isZero = (group: string) => group === "0";

/** The eight groups, read by the parser of URLs, which knows every spelling of an address. */
function groupsOf(ip: string): Groups | undefined {
  const url = `http://[${ip}]/`;
  if (!URL.canParse(url)) return undefined;
  const [left, right] = new URL(url).hostname.slice(1, -1).split("::");
  const head = left === "" ? [] : left.split(":");
  const tail = right ? right.split(":") : [];
  return [...head, ...new Array<string>(8 - head.length - tail.length).fill("0"), ...tail];
}
