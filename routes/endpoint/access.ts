/**
 * Whether a request may call an endpoint, decided before anything else of it is read. A proof is
 * a bearer token or key, which the gate has checked already, or the cookie of the console.
 */
import { timingSafeEqual } from "node:crypto";
import { hasRole } from "../../src/auth/roles.ts";
import { hasScope } from "../../src/auth/scopes.ts";
import type { GateContext } from "../../src/context.ts";
import { AppError } from "../../src/errors/app_error.ts";
import type { Services } from "../../src/services.ts";
import { cookieOf } from "../../src/auth/console_cookie.ts";
import type { Access, Caller } from "./definition.ts";
import { demandSameOrigin, isUnsafe } from "./same_origin.ts";

export type Admit = (
  access: Access,
  request: Request,
  gate: GateContext,
) => Promise<Caller | undefined>;

/** @returns The caller; undefined only where anybody may call. Throws when this one may not. */
const RETRY_AFTER_S = "1";

export function createAdmit(services: Services): Admit {
  const { config, identity, breaker, tokens, isReady } = services;
  const { sessions } = identity;

  /** A token outlives its sign-in, so whether that still stands is asked here. */
  const byToken = async ({ user, requestId }: GateContext): Promise<Caller | undefined> => {
    if (!user) return undefined;
    const actor = { id: user.id, requestId };
    if (user.sessionId === undefined) return { user, actor };
    const session = await sessions.live(user.sessionId);
    return session && { user: { ...user, roles: [session.role] }, session, actor };
  };

  const byCookie = async (
    request: Request,
    gate: GateContext,
  ): Promise<Caller | undefined> => {
    const cookie = cookieOf(request);
    const found = cookie === undefined ? undefined : await sessions.byCookie(cookie);
    if (!found) return undefined;
    // A browser sends the cookie whoever made the page that asks; the answer is only for ours.
    if (isUnsafe(request)) demandSameOrigin(request, gate, found.csrfToken);
    return { ...found, actor: { id: found.user.id, requestId: gate.requestId } };
  };

  return async (access, request, gate) => {
    if (access === "scrape-token") {
      // Whoever may not scrape is not told that there is anything to scrape.
      if (holdsToken(request, config.METRICS_TOKEN)) return undefined;
      throw new AppError("NOT_FOUND");
    }
    if (access === "public") {
      // Knowing the caller is a courtesy here, for which no outage may fail the answer.
      if (breaker.state !== "closed") return undefined;
      return await byToken(gate) ?? (isUnsafe(request) ? undefined : await byCookie(request, gate));
    }
    const caller = await byToken(gate) ?? await byCookie(request, gate);
    if (!caller) {
      // A proof that nobody could check has not failed: who is told so throws a good key away.
      const known = tokens.peek(request.headers.get("authorization"), gate.client.ip);
      if (known === undefined && !await isReady()) {
        throw new AppError("TEMPORARILY_UNAVAILABLE", {
          headers: { "retry-after": RETRY_AFTER_S },
        });
      }
      throw new AppError("UNAUTHENTICATED", { headers: { "www-authenticate": "Bearer" } });
    }
    if (access === "user") return caller;
    const { role, scope } = access;
    if (hasRole(caller.user, role) || (scope && hasScope(caller.user, scope))) return caller;
    throw new AppError("FORBIDDEN", { detail: refusalFor(caller, access) });
  };
}

function refusalFor({ user }: Caller, { role, scope }: Exclude<Access, string>): string {
  if (user.keyId === undefined) return `This needs the role ${role}.`;
  return scope ? `This needs a key with the scope ${scope}.` : "No API key may do this.";
}

function holdsToken(request: Request, token: string | undefined): boolean {
  const authorization = request.headers.get("authorization");
  if (!token || !authorization) return false;
  const given = new TextEncoder().encode(authorization);
  const wanted = new TextEncoder().encode(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
