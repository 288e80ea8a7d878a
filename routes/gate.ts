/**
 * The way of a request, in order. One function runs every check, so that their cost is paid once;
 * it stays synchronous as long as nobody needs KV or a signature, because each `await` costs as
 * much as a limit does. It stands around Hono, not inside: measured in docs/decisions/002.
 */
import type { GateContext } from "../src/context.ts";
import type { AppErrorOptions } from "../src/errors/app_error.ts";
import type { ErrorCode } from "../src/errors/codes.ts";
import { writeLimitFields } from "../src/limits/fields.ts";
import { type Decision, mergeDecisions } from "../src/limits/guard.ts";
import type { Charge } from "../src/limits/charge.ts";
import { refusalOf } from "../src/limits/refusal.ts";
import type { Services } from "../src/services.ts";
import { createFailures, type Failures } from "./failure.ts";
import { createHostCheck } from "./hosts.ts";
import { createSecureOnly } from "./https.ts";
import { createOpening, type Passage } from "./opening.ts";
import type { OperationOf } from "./operations.ts";
import { createShield, mayExplain, type Shield } from "./shield.ts";

type MaybePromise<Value> = Value | Promise<Value>;

/** What stands behind the gate: our own routes, or the site (the origin or the demo shop). */
export type Handler = (request: Request, gate: GateContext) => MaybePromise<Response>;

export type Gate = (
  request: Request,
  info: Pick<Deno.ServeHandlerInfo, "remoteAddr">,
) => MaybePromise<Response>;

/** @param operationOf Names what is asked of `own`, for limits that count each operation apart. */
export function createGate(
  services: Services,
  ownFailures: Failures,
  own: Handler,
  operationOf: OperationOf = () => undefined,
): Gate {
  const { site, config, clock } = services;
  const open = createOpening(services, operationOf);
  const count = config.GATE_MODE === "off" ? createRecognition(services) : createCount(services);
  const shield = createShield(services);
  const finish = createFinish(services, shield);
  const siteFailures = createFailures(services, site.errorPage);
  const refuseHost = createHostCheck(services);
  const redirectToHttps = createSecureOnly(services);

  // Each step is told the passage, so that none is made anew for a request.
  const failuresOf = ({ target }: Passage) => target === "own" ? ownFailures : siteFailures;
  const fail = (passage: Passage, thrown: unknown) => {
    passage.ours = true;
    const { request, context } = passage;
    return finish(passage, failuresOf(passage).answer(thrown, request, context));
  };
  const refuse = (passage: Passage, code: ErrorCode, options?: AppErrorOptions) => {
    passage.ours = true;
    passage.refused = true;
    const { request, context } = passage;
    return finish(passage, failuresOf(passage).show(code, request, context, options));
  };
  const pass = (passage: Passage, refusal: ErrorCode | undefined): MaybePromise<Response> => {
    if (refusal) return refuse(passage, refusal);
    const handle = passage.target === "own" ? own : site.handle;
    return after(passage, handle(passage.request, passage.context), finish);
  };
  const judge = (passage: Passage, decision: Decision | undefined): MaybePromise<Response> => {
    passage.decision = decision;
    const refusal = decision && refusalOf(decision);
    if (refusal) return refuse(passage, refusal.code, refusal.options);
    return after(passage, shield.judge(passage), pass);
  };
  const enter = (passage: Passage): MaybePromise<Response> => {
    const denied = shield.door(passage);
    return denied ? refuse(passage, denied) : after(passage, count(passage), judge);
  };

  const caught = (passage: Passage, answered: Promise<Response>) =>
    answered.catch((thrown) => fail(passage, thrown));

  return function gate(request, info) {
    const passage = open(request, info);
    clock.hold();
    try {
      const misdirected = refuseHost(passage);
      if (misdirected) return refuse(passage, misdirected);
      // Nothing is said over plain HTTP when told so, not even a refusal.
      const secured = redirectToHttps(request, passage.context);
      if (secured) return finish(passage, secured);
      // Only the first request after a long sleep waits for the list of blocks, and not for long.
      const answered = after(passage, services.blocks.catchUp(), enter);
      return answered instanceof Promise ? caught(passage, answered) : answered;
    } catch (thrown) {
      return fail(passage, thrown);
    } finally {
      clock.release();
    }
  };
}

/** Counts a request: its address first, because that is cheap; then its token; then its user. */
function createCount({ limits, tokens }: Services) {
  /** A new token costs a signature check, so the address that sends it is counted before. */
  const countFirst = async (
    charge: Charge,
    context: GateContext,
    authorization: string | null,
  ): Promise<Decision> => {
    const { client } = context;
    const address = await limits.check(charge, client, undefined, "address");
    if (address.outcome !== "pass") return address;
    context.user = await tokens.verify(authorization, client.ip) ?? undefined;
    const user = await limits.check(charge, client, context.user, "user");
    return mergeDecisions(address, user);
  };

  return ({ request, charge, context }: Passage): MaybePromise<Decision | undefined> => {
    const authorization = request.headers.get("authorization");
    const known = tokens.peek(authorization, context.client.ip);
    if (known === undefined) return charge && countFirst(charge, context, authorization);
    context.user = known ?? undefined;
    return charge && limits.check(charge, context.client, context.user);
  };
}

/** Counts nothing; but who asks must be known all the same, to our own endpoints and to the shop. */
function createRecognition({ tokens }: Services) {
  const verify = async (context: GateContext, authorization: string | null): Promise<undefined> => {
    context.user = await tokens.verify(authorization, context.client.ip) ?? undefined;
  };

  return ({ request, context }: Passage): MaybePromise<undefined> => {
    const authorization = request.headers.get("authorization");
    const known = tokens.peek(authorization, context.client.ip);
    if (known === undefined) return verify(context, authorization);
    context.user = known ?? undefined;
  };
}

/** Writes what every answer carries. Nobody else writes these fields, so nothing is doubled. */
function createFinish({ headers: security, clock, config }: Services, shield: Shield) {
  return (passage: Passage, response: Response): Response => {
    const { request, context, decision } = passage;
    const { status } = response;
    shield.note(passage, status);
    // The head of a WebSocket upgrade is written by the runtime.
    if (status === 101) return response;
    const { headers } = response;
    if (passage.ours) security.writeOwn(headers, context, passage.refused);
    else security.writeOrigin(headers, context);
    headers.append("X-Request-Id", context.requestId);
    if (decision) writeLimitFields(headers, decision, clock.now());
    if (context.risk !== undefined && mayExplain(config, request, context)) {
      headers.append("X-Risk-Score", context.risk.toFixed(3));
    }
    return response;
  };
}

/** The next step, at once where nothing has to be waited for. */
function after<In>(
  passage: Passage,
  value: MaybePromise<In>,
  next: (passage: Passage, value: In) => MaybePromise<Response>,
): MaybePromise<Response> {
  return value instanceof Promise ? later(passage, value, next) : next(passage, value);
}

/** Apart from `after`, which would pay for the closure even where nobody waits. */
function later<In>(
  passage: Passage,
  value: Promise<In>,
  next: (passage: Passage, value: In) => MaybePromise<Response>,
): Promise<Response> {
  return value.then((late) => next(passage, late));
}
