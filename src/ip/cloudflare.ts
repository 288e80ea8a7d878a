/**
 * The ranges that `cloudflare` in TRUSTED_PROXIES stands for, as published at
 * https://www.cloudflare.com/ips/ (compared 2026-06-08). They change about once a year; a newer
 * range can be added to the setting beside the name, it is then read as any other proxy.
 */
export const CLOUDFLARE_RANGES: readonly string[] = [
  "173.245.48.0/20",
  "103.21.244.0/22",
  "103.22.200.0/22",
  "103.31.4.0/22",
  "141.101.64.0/18",
  "108.162.192.0/18",
  "190.93.240.0/20",
  "188.114.96.0/20",
  "197.234.240.0/22",
  "198.41.128.0/17",
  "162.158.0.0/15",
  "104.16.0.0/13",
  "104.24.0.0/14",
  "172.64.0.0/13",
  "131.0.72.0/22",
  "2400:cb00::/32",
  "2606:4700::/32",
  "2803:f800::/32",
  "2405:b500::/32",
  "2405:8100::/32",
  "2a06:98c0::/29",
  "2c0f:f248::/32",
];

/**
 * The class E addresses (240.0.0.0/4) that "Pseudo IPv4" invents for IPv6 visitors. Only beside one
 * of these is the real address in `CF-Connecting-IPv6`; at other times that header may be the
 * visitor's own invention. A pattern, since it is tried on every request that comes this way.
 */
export const PSEUDO_IPV4 = /^2[45]\d\./;
