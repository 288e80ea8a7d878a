/**
 * The rate limit alone, as Hono middleware, for an app that wants this part of the gate and
 * nothing else. What a request is charged, and to whom, is the caller's to say.
 */
import type { Context, MiddlewareHandler } from "hono";
import { getConnInfo } from "hono/deno";
import type { ClientAddress, VerifiedUser } from "../context.ts";
import { problem } from "../errors/problem.ts";
import type { Clock } from "../time.ts";
import { writeLimitFields } from "./fields.ts";
import type { LimitGuard } from "./guard.ts";
import type { Charge } from "./charge.ts";
import { refusalOf } from "./refusal.ts";

export interface LimitMiddlewareOptions {
  readonly guard: LimitGuard;
  readonly clock: Clock;
  readonly charge: Charge;
  /** Finds the address a request is counted by. */
  readonly addresses: { resolve(remoteAddr: Deno.Addr, headers: Headers): ClientAddress };
  /** The user a request is counted by; only ever one that a token or session proved. */
  readonly userOf?: (c: Context) => VerifiedUser | undefined;
}

/** Answers 429 or 503 problem+json itself, and writes the limit fields on every answer. */
export function limitMiddleware(options: LimitMiddlewareOptions): MiddlewareHandler {
  const { guard, clock, charge, addresses, userOf } = options;
  return async function rateLimit(c, next) {
    const client = addresses.resolve(peerOf(c), c.req.raw.headers);
    const decision = await guard.check(charge, client, userOf?.(c));
    const refusal = refusalOf(decision);
    if (refusal) c.res = problem(refusal.code, crypto.randomUUID(), refusal.options);
    else await next();
    writeLimitFields(c.res.headers, decision, clock.now());
  };
}

function peerOf(c: Context): Deno.NetAddr {
  const { address = "", port = 0 } = getConnInfo(c).remote;
  return { transport: "tcp", hostname: address, port };
}
