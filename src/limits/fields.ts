/**
 * What a client is told about its limits: the fields of draft-ietf-httpapi-ratelimit-headers-10,
 * and the older `X-RateLimit-*` that most clients still read.
 */
import { SECOND } from "../time.ts";
import type { Decision } from "./guard.ts";
import type { LimitWindow, WindowClaim } from "./windows.ts";

/** Writes the five fields; `Retry-After` belongs to the refusal and is not among them. */
export function writeLimitFields(headers: Headers, decision: Decision, nowMs: number): void {
  const { claims, remaining, resetMs } = decision;
  if (claims.length === 0) return;
  const tightest = decision.violated ?? tightestOf(remaining);
  headers.append("X-RateLimit-Limit", claims[tightest].limit.quotaText);
  headers.append("X-RateLimit-Remaining", String(Math.max(0, remaining[tightest])));
  headers.append("X-RateLimit-Reset", String(Math.ceil((nowMs + resetMs[tightest]) / SECOND)));
  headers.append("RateLimit-Policy", policyField(claims));
  headers.append("RateLimit", stateField(decision));
}

/** `"ip";q=200;w=60, "user";q=60;w=60` */
function policyField(claims: readonly WindowClaim[]): string {
  if (claims.length === 1) return claims[0].limit.policyItem;
  return claims.map(({ limit }) => limit.policyItem).join(", ");
}

/** `"ip";r=157;t=12, "user";r=40;t=12`: what is left, and the seconds until there is more. */
function stateField({ claims, remaining, resetMs }: Decision): string {
  let field = stateItem(claims[0].limit, remaining[0], resetMs[0]);
  for (let i = 1; i < claims.length; i++) {
    field += ", " + stateItem(claims[i].limit, remaining[i], resetMs[i]);
  }
  return field;
}

/** Put together from its end: short pieces are copied, longer ones linked and copied later. */
function stateItem({ stateStart }: LimitWindow, remaining: number, resetMs: number): string {
  return stateStart + (Math.max(0, remaining) + (";t=" + seconds(resetMs)));
}

function tightestOf(remaining: readonly number[]): number {
  let tightest = 0;
  for (let i = 1; i < remaining.length; i++) if (remaining[i] < remaining[tightest]) tightest = i;
  return tightest;
}

/** Whole seconds, rounded up: after them a request passes. */
export function seconds(ms: number): number {
  return Math.max(0, Math.ceil(ms / SECOND));
}
