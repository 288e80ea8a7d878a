/**
 * Makes a route of an endpoint: access, then size and type of the body, then the schemas, then the
 * handler. Nothing of ours is routed in any other way, so no route can lack one of these steps.
 */
import { zValidator } from "@hono/zod-validator";
import type { Context, Hono, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { z } from "zod";
import type { GateEnv } from "../../src/context.ts";
import { AppError } from "../../src/errors/app_error.ts";
import type { Services } from "../../src/services.ts";
import { createAdmit } from "./access.ts";
import { answerOf } from "./answer.ts";
import { formatQuery } from "./csv.ts";
import type { Access, Answers, AnyEndpoint, Call, Caller, Endpoint } from "./definition.ts";
import { demandMatch } from "./etag.ts";
import { createReplay } from "./replay.ts";
import { demandSameOrigin } from "./same_origin.ts";
import { strictly } from "./strict.ts";
import { invalid } from "./validation.ts";

export interface EndpointEnv extends GateEnv {
  Variables: { caller: Caller | undefined };
}

export type Routes = Hono<EndpointEnv>;

/** Enough for every document of ours; bigger things have routes that stream. */
const BODY_BYTES_MAX = 64 * 1024;

const SEE_OTHER = 303;

function limited(maxSize: number): MiddlewareHandler<EndpointEnv> {
  const onError = () => {
    throw new AppError("PAYLOAD_TOO_LARGE", { detail: `At most ${maxSize} bytes.` });
  };
  return bodyLimit({ maxSize, onError });
}

export interface Endpoints {
  /** Every endpoint defined so far, in order. */
  readonly all: readonly AnyEndpoint[];
  define<
    W extends Access,
    A extends Answers,
    P extends z.ZodType = z.ZodUndefined,
    Q extends z.ZodType = z.ZodUndefined,
    B extends z.ZodType = z.ZodUndefined,
  >(endpoint: Endpoint<W, P, Q, B, A>): void;
}

export function createEndpoints(services: Services, app: Routes): Endpoints {
  const all: AnyEndpoint[] = [];
  const admit = createAdmit(services);
  const replay = createReplay(services);
  const signInPath = (next: string) =>
    `${services.config.BASE_PATH}/admin/login?next=${encodeURIComponent(next)}`;

  return {
    all,
    define(given) {
      const endpoint = strictly(given);
      all.push(endpoint);
      const { method, access, params, query, body, bodyAs = body && "json" } = endpoint;
      const { bodyBytesMax = BODY_BYTES_MAX } = endpoint;
      const target = bodyAs === "form" ? "form" : "json";
      const steps: MiddlewareHandler<EndpointEnv>[] = [async (c, next) => {
        if (bodyAs === "form") demandSameOrigin(c.req.raw, c.env);
        try {
          c.set("caller", await admit(access, c.req.raw, c.env));
        } catch (error) {
          // A person who is not signed in wants the form for that, not a problem.
          if (!endpoint.page || !isStranger(error)) throw error;
          return c.redirect(signInPath(c.env.path), SEE_OTHER);
        }
        await next();
      }];
      if (bodyAs) steps.push(limited(bodyBytesMax), demandType(bodyAs));
      if (params) steps.push(zValidator("param", params, invalid));
      if (endpoint.csv) steps.push(zValidator("query", formatQuery, invalid));
      if (query) steps.push(zValidator("query", query, invalid));
      if (body) steps.push(zValidator(target, body, invalid));

      app.on([method], [routeOf(endpoint.path)], ...steps, async (c: Context<EndpointEnv>) => {
        const valid = (place: string) => c.req.valid(place as never);
        const caller = c.get("caller");
        const call: Call<typeof access, z.ZodType, z.ZodType, z.ZodType> = {
          // The first step threw if the access demands a caller and there is none.
          caller: caller as Caller,
          params: params && valid("param"),
          query: query && valid("query"),
          body: body && valid(target),
          gate: c.env,
          request: c.req.raw,
          ifMatch: (current) => demandMatch(c.req.raw, current),
        };
        const run = async () => {
          const reply = await endpoint.handle(call as Parameters<typeof endpoint.handle>[0]);
          return await answerOf(endpoint, reply, c.req.raw);
        };
        return endpoint.idempotent && caller
          ? await replay(endpoint, call.body, call.params, caller, c.req.raw, run)
          : await run();
      });
    },
  };
}

function isStranger(error: unknown): boolean {
  return error instanceof AppError && error.code === "UNAUTHENTICATED";
}

/** `/users/{id}` as Hono writes it. */
function routeOf(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json$/;
const FORM_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data"];

function demandType(bodyAs: "json" | "form" | readonly string[]): MiddlewareHandler<EndpointEnv> {
  const names = bodyAs === "json" ? ["application/json"] : bodyAs === "form" ? FORM_TYPES : bodyAs;
  return async (c, next) => {
    const type = (c.req.header("content-type") ?? "").split(";", 1)[0].trim().toLowerCase();
    if (!(bodyAs === "json" ? JSON_TYPE.test(type) : names.includes(type))) {
      throw new AppError("UNSUPPORTED_MEDIA_TYPE", { detail: `Send ${names.join(" or ")}.` });
    }
    await next();
  };
}
