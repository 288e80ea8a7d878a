/**
 * Addresses that belong to nobody on the public internet (IANA special-purpose registries): private,
 * loopback, link-local, carrier NAT, documentation, multicast. No provider knows anything of them.
 */
import { createRangeSet } from "./range_set.ts";

const special = createRangeSet([
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
  "::/128",
  "::1/128",
  "64:ff9b:1::/48",
  "100::/64",
  "2001:db8::/32",
  "fc00::/7",
  "fe80::/10",
  "ff00::/8",
]);

export const isSpecialAddress = (ip: string): boolean => special.has(ip);
