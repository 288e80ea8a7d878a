/** What can happen that an administrator should be able to look up, and what was done about it. */
import type { SecurityEvent } from "../kv/keys.ts";

export const EVENT_TYPES = [
  "threat", // a request that looked like an attack
  "blocked_request", // a request of an address that is blocked or on the deny list
  "address_blocked",
  "user_flagged",
  "country_denied",
  "unreadable_path", // a path that no rule could be looked up for
  "credential_stuffing",
  "endpoint_scanning",
  "abuse",
  "refresh_reuse", // a refresh token used twice: somebody has a copy
  "sign_in_delayed",
] as const;

export type SecurityEventType = typeof EVENT_TYPES[number];

/** Types that say how a client behaves, rather than what it sent. */
export const SUSPICIOUS: readonly SecurityEventType[] = [
  "credential_stuffing",
  "endpoint_scanning",
  "abuse",
];

/** `monitor`: would have been refused, had the mode been `enforce`; `note`: nothing was done. */
export type SecurityAction = "refuse" | "block" | "flag" | "monitor" | "note";

/** An event as it is noted: incidents give it its id and time. Excerpts come redacted. */
export interface NewSecurityEvent extends Omit<SecurityEvent, "id" | "at" | "type" | "action"> {
  readonly type: SecurityEventType;
  readonly action: SecurityAction;
}
