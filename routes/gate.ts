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
import { refusalOf } from "../src/limits/refusal.ts";
import type { Services } from "../src/services.ts";
import { createFailures, type Failures } from "./failure.ts";
import { createSecureOnly } from "./https.ts";
import { createOpening, type Passage } from "./opening.ts";
import { createShield, type Judgement, mayExplain, type Shield } from "./shield.ts";

type MaybePromise<Value> = Value | Promise<Value>;

/** What stands behind the gate: our own routes, or the site (the origin or the demo shop). */
export type Handler = (request: Request, gate: GateContext) => MaybePromise<Response>;

export type Gate = (
  request: Request,
  info: Pick<Deno.ServeHandlerInfo, "remoteAddr">,
) => MaybePromise<Response>;

export function createGate(services: Services, ownFailures: Failures, own: Handler): Gate {
  const { site, config } = services;
  const open = createOpening(services);
  const count = config.GATE_MODE === "off" ? () => undefined : createCount(services);
  const shield = createShield(services);
  const finish = createFinish(services, shield);
  const siteFailures = createFailures(services, site.errorPage);
  const redirectToHttps = createSecureOnly(services);

  return function gate(request, info) {
    const passage = open(request, info);
    const { context } = passage;
    const failures = passage.target === "own" ? ownFailures : siteFailures;

    const fail = (thrown: unknown) => {
      passage.ours = true;
      return finish(failures.answer(thrown, request, context), passage, request);
    };
    const refuse = (code: ErrorCode, options?: AppErrorOptions) => {
      passage.ours = true;
      passage.refused = true;
      return finish(failures.show(code, request, context, options), passage, request);
    };
    const pass = ({ refusal, request }: Judgement): MaybePromise<Response> => {
      if (refusal) return refuse(refusal);
      const handle = passage.target === "own" ? own : site.handle;
      return after(handle(request, context), (response) => finish(response, passage, request));
    };
    const judge = (decision: Decision | undefined): MaybePromise<Response> => {
      passage.decision = decision;
      const refusal = decision && refusalOf(decision);
      if (refusal) return refuse(refusal.code, refusal.options);
      return after(shield.judge(passage, request), pass);
    };
    const enter = (): MaybePromise<Response> => {
      const denied = shield.door(passage, request);
      return denied ? refuse(denied) : after(count(passage, request), judge);
    };

    try {
      // Nothing is said over plain HTTP when told so, not even a refusal.
      const secured = redirectToHttps(request, context);
      if (secured) return finish(secured, passage, request);
      // Only the first request after a long sleep waits for the list of blocks, and not for long.
      const answered = after(services.blocks.catchUp(), enter);
      return answered instanceof Promise ? answered.catch(fail) : answered;
    } catch (thrown) {
      return fail(thrown);
    }
  };
}

/** Counts a request: its address first, because that is cheap; then its token; then its user. */
function createCount({ limits, tokens }: Services) {
  return ({ charge, context }: Passage, request: Request): MaybePromise<Decision | undefined> => {
    const authorization = request.headers.get("authorization");
    const { ip } = context.client;
    const known = tokens.peek(authorization, ip);
    if (known !== undefined) {
      context.user = known ?? undefined;
      return charge && limits.check(charge, context.client, context.user);
    }
    if (!charge) return undefined;
    // A new token costs a signature check, so the address that sends it is counted before.
    return after(
      limits.check(charge, context.client, undefined, "address"),
      async (address) => {
        if (address.outcome !== "pass") return address;
        context.user = await tokens.verify(authorization, ip) ?? undefined;
        const user = await limits.check(charge, context.client, context.user, "user");
        return mergeDecisions(address, user);
      },
    );
  };
}

/** Writes what every answer carries. Nobody else writes these fields, so nothing is doubled. */
function createFinish({ headers, clock, config }: Services, shield: Shield) {
  return (response: Response, passage: Passage, request: Request): Response => {
    const { context, decision, ours } = passage;
    shield.note(passage, response.status);
    // The head of a WebSocket upgrade is written by the runtime.
    if (response.status === 101) return response;
    response.headers.append("X-Request-Id", context.requestId);
    if (decision) writeLimitFields(response.headers, decision, clock.now());
    if (context.risk !== undefined && mayExplain(config, request, context)) {
      response.headers.append("X-Risk-Score", context.risk.toFixed(3));
    }
    if (ours) headers.writeOwn(response, context);
    else headers.writeOrigin(response, context);
    return response;
  };
}

function after<In, Out>(
  value: MaybePromise<In>,
  next: (value: In) => MaybePromise<Out>,
): MaybePromise<Out> {
  return value instanceof Promise ? value.then(next) : next(value);
}
