/**
 * What people may do: three roles, each of which may do what the ones before it may. Which role an
 * act needs is said where the act is offered.
 */
import type { VerifiedUser } from "../context.ts";
import type { Role } from "../kv/auth_records.ts";

export type { Role };

const RANKS: Readonly<Record<Role, number>> = { user: 0, analyst: 1, admin: 2 };

/** Lowest first. */
export const ROLES: readonly [Role, ...Role[]] = ["user", "analyst", "admin"];

export function isRole(text: unknown): text is Role {
  return typeof text === "string" && Object.hasOwn(RANKS, text);
}

/** Whether one of our own accounts has the role or a higher one. A site's roles count for nothing. */
export function hasRole(user: VerifiedUser | undefined, atLeast: Role): boolean {
  if (user?.realm !== "gatehouse" || user.keyId !== undefined) return false;
  return user.roles.some((role) => isRole(role) && RANKS[role] >= RANKS[atLeast]);
}
