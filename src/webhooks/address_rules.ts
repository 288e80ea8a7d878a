/**
 * Which addresses a webhook may go to. Whoever may name a URL must not thereby reach what stands
 * behind our firewall: private networks, this machine, the platform's metadata. What is not known
 * to be public is refused.
 */

/** A test of addresses for one range, such as `10.0.0.0/8`; undefined when it is none. */
export type ParseRange = (text: string) => ((ip: string) => boolean) | undefined;

/** Where public addresses are: all of IPv4, and of IPv6 what IANA has given out. */
const GIVEN_OUT = ["0.0.0.0/1", "128.0.0.0/1", "2000::/3"];

/** IANA's special-purpose registries, and a platform address that looks public. */
const SPECIAL = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  // IPv6 that carries an IPv4 address of the sender's choice (Teredo, 6to4), and documentation.
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
];

/** Refused even where private receivers are welcome: metadata services, and what is no host. */
const NEVER = [
  "0.0.0.0/8",
  "169.254.0.0/16",
  "168.63.129.16",
  "100.100.100.200",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "fe80::/10",
  "ff00::/8",
  "fd00:ec2::254",
  "::/128",
];

/** @param allowPrivate Whether private addresses and this machine will do. */
export function createAddressRules(
  { parseRange, allowPrivate }: { parseRange: ParseRange; allowPrivate: boolean },
): (ip: string) => boolean {
  const within = (ranges: readonly string[]) => {
    const tests = ranges.map((text) => {
      const test = parseRange(text);
      if (!test) throw new Error(`Cannot read the range '${text}'`);
      return test;
    });
    return (ip: string) => tests.some((test) => test(ip));
  };
  const isGivenOut = within(GIVEN_OUT);
  const isSpecial = within(SPECIAL);
  const isNever = within(NEVER);
  return (ip) => !isNever(ip) && (allowPrivate || (isGivenOut(ip) && !isSpecial(ip)));
}
