/** What the API and the pages of signing in share. */
import { z } from "zod";
import { deviceLabel } from "../src/auth/device_label.ts";
import { hashEmail, normalizeEmail } from "../src/auth/emails.ts";
import { isFresh } from "../src/auth/session_rules.ts";
import type { GateContext } from "../src/context.ts";
import { AppError } from "../src/errors/app_error.ts";
import { refusalOf } from "../src/limits/refusal.ts";
import type { Services } from "../src/services.ts";
import type { Clock } from "../src/time.ts";
import type { Caller } from "./endpoint/definition.ts";

/** Longer texts are refused before anybody looks at them; the rules of passwords are the room's. */
export const TEXT_MAX = 1_024;
export const email = z.string().min(3).max(254);
export const password = z.string().min(1).max(TEXT_MAX);
/** Six digits of an app, or a recovery code. */
export const code = z.string().min(6).max(40);

/** How a room is told where a sign-in comes from. */
export function clientOf(request: Request, { client }: Pick<GateContext, "client">) {
  const device = deviceLabel(request.headers.get("user-agent") ?? undefined);
  return { device, address: client.ip };
}

/**
 * Counts an attempt on an account beside the one of its address, which the gate counted. Throws
 * `RATE_LIMITED`, or `TEMPORARILY_UNAVAILABLE` while nobody can count.
 */
export async function countAttempt(
  { limits, policies, config }: Pick<Services, "limits" | "policies" | "config">,
  email: string,
): Promise<void> {
  if (config.GATE_MODE === "off") return;
  const charge = policies.own("POST", "/api/v1/auth/login");
  const decision = charge &&
    await limits.checkAccount(charge, hashEmail(normalizeEmail(email) ?? email));
  const refusal = decision && refusalOf(decision);
  if (refusal) throw new AppError(refusal.code, refusal.options);
}

/**
 * Throws `REAUTHENTICATION_REQUIRED` unless the caller gave the password within ten minutes: a
 * browser left open must not be enough for what cannot be taken back.
 */
export function demandFresh({ session }: Caller, clock: Clock): void {
  if (session && isFresh(session, clock.now())) return;
  throw new AppError("REAUTHENTICATION_REQUIRED", {
    detail: "POST /api/v1/auth/me/confirm with your password first.",
  });
}
