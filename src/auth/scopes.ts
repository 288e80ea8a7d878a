/** What API keys may do: a key has the scopes it was made with, and none implies another. */
import type { VerifiedUser } from "../context.ts";

export const SCOPES = {
  "audit:read": "Read the audit log.",
  "users:read": "List accounts and their sign-ins.",
  "users:write":
    "Create accounts, change their role, set passwords and disable them; never an admin's.",
  "security:read": "Read threats, blocks and the security report.",
  "security:write": "Change block lists and threat rules.",
  "tasks:read": "Read background tasks and dead letters.",
  "tasks:write": "Retry, delete and clear dead letters.",
  "analytics:read": "Read funnels, cohorts, segments and dashboards.",
  "analytics:write": "Define funnels.",
  "monitoring:read": "Read health, metrics and alerts.",
  "monitoring:write": "Acknowledge and silence alerts, reset breakers.",
  "events:write": "Send events.",
  "sessions:write": "Open sessions and save checkpoints for visitors.",
} as const satisfies Record<string, string>;

export type Scope = keyof typeof SCOPES;

export function isScope(text: string): text is Scope {
  return Object.hasOwn(SCOPES, text);
}

/** Whether an API key of ours has the scope. People have roles, never scopes. */
export function hasScope(user: VerifiedUser | undefined, scope: Scope): boolean {
  return user?.realm === "gatehouse" && user.keyId !== undefined &&
    (user.scopes?.includes(scope) ?? false);
}
