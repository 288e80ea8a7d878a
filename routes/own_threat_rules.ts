/**
 * Fields of our own endpoints that may hold anything: a good password looks like an attack, a
 * report of a browser quotes one, and a rule about `/wp-admin/*` names one.
 */
import type { ThreatRule } from "../src/threats/path_rules.ts";

const ANYTHING = [
  // Paths of ours are known by heart, whatever words they hold.
  "url.path",
  "password",
  "current_password",
  "new_password",
  "token",
  "refresh_token",
  "code",
];

export const OWN_THREAT_RULES: readonly ThreatRule[] = [
  { method: "POST", path: "/api/v1/security/csp-reports", mode: "off", exempt: [] },
  { method: "PUT", path: "/api/v1/security/rules", mode: "enforce", exempt: ["rules"] },
  { method: "*", path: "/api/v1/auth/*", mode: "enforce", exempt: ANYTHING },
  { method: "POST", path: "/admin/*", mode: "enforce", exempt: ANYTHING },
];
