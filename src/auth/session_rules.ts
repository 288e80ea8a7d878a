/** How long sign-ins last, what may be shown of them, and what is kept of who signed in. */
import type { SessionRecord } from "../kv/auth_records.ts";
import { DAY, HOUR, MINUTE } from "../time.ts";

/** A sign-in as its owner may see it. Times are Unix milliseconds. */
export type SessionView = Omit<SessionRecord, "secretHash" | "familyHash" | "spent">;

/** What signed in. */
export interface Client {
  /** Such as `Firefox on Linux`; see device_label.ts. */
  readonly device: string;
  /** The address; only its network is kept. */
  readonly address: string;
}

/** Longest life, and longest time without use. */
export const LIVES = {
  api: { wholeMs: 30 * DAY, idleMs: 7 * DAY },
  console: { wholeMs: 7 * DAY, idleMs: 12 * HOUR },
} as const satisfies Record<SessionRecord["kind"], unknown>;

const FRESH_MS = 10 * MINUTE;
const NETWORK_GROUPS = 3;
const DEVICE_LENGTH_MAX = 80;

/** Unix time at which the sign-in ends unless it is used. */
export function endOf({ kind, usedAt, expiresAt }: SessionView): number {
  return Math.min(expiresAt, usedAt + LIVES[kind].idleMs);
}

/** Whether the password was entered a moment ago: within 10 minutes, signing in included. */
export function isFresh({ reauthenticatedAt }: SessionView, now: number): boolean {
  return now - reauthenticatedAt < FRESH_MS;
}

export function sessionView(record: SessionRecord): SessionView {
  const { secretHash: _, familyHash: __, spent: ___, ...view } = record;
  return view;
}

/** `203.0.113.0/24` or `2001:db8:1::/48`: enough to know one's own network by. */
export function networkOf(address: string): string {
  const parts = address.split(".");
  if (parts.length === 4) return `${parts.slice(0, NETWORK_GROUPS).join(".")}.0/24`;
  const [head] = address.split("::", 1);
  const groups = head.split(":").filter(Boolean).slice(0, NETWORK_GROUPS);
  return address.includes(":") ? `${groups.join(":")}::/48` : "unknown";
}

export function deviceOf(label: string): string {
  return label.slice(0, DEVICE_LENGTH_MAX);
}
