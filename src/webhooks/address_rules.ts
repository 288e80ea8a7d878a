/**
 * Which addresses a webhook may go to. Whoever may name a URL must not thereby reach what stands
 * behind our firewall: private networks, this machine, the platform's metadata. What is not known
 * to be public is refused.
 */
import { carriesIpv4 } from "./carried_ipv4.ts";

/** A test of addresses for one range, such as `10.0.0.0/8`; undefined when it is none. */
export type ParseRange = (text: string) => ((ip: string) => boolean) | undefined;

/** What is an address at all. */
const ADDRESSES = ["0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"];

/** Where public addresses are: all of IPv4, and of IPv6 what IANA has given out. */
const GIVEN_OUT = ["0.0.0.0/1", "128.0.0.0/1", "2000::/3"];

/** IANA's special-purpose registries. */
const SPECIAL = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "172.16.0.0/12",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "2001::/23",
  "2001:db8::/32",
  "3fff::/20",
];

/** Refused even where private receivers are welcome: metadata services, and what is no host. */
const NEVER = [
  "0.0.0.0/8",
  "169.254.0.0/16",
  // Of Azure and Alibaba Cloud, which look public or shared; Oracle's is 192.0.0.192.
  "168.63.129.16",
  "100.100.100.200",
  "192.0.0.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "fe80::/10",
  "ff00::/8",
  // Of AWS, Scaleway and Google, within what private networks number themselves with.
  "fd00:ec2::/32",
  "fd00:42::42",
  "fd20:ce::254",
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
  const isAddress = within(ADDRESSES);
  const isGivenOut = within(GIVEN_OUT);
  const isSpecial = within(SPECIAL);
  const isNever = within(NEVER);
  const isPublic = (ip: string) => isGivenOut(ip) && !isSpecial(ip);
  return (ip) =>
    isAddress(ip) && !isNever(ip) && !carriesIpv4(ip) && (allowPrivate || isPublic(ip));
}
