/** `/api/v1/auth/…`: setting up, signing in and out. */
import { z } from "zod";
import type { TokenPair } from "../src/auth/sign_in.ts";
import type { Services } from "../src/services.ts";
import { Account, accountOf } from "./users.ts";
import { reply } from "./endpoint/definition.ts";
import type { Endpoints } from "./endpoint/register.ts";
import { clientOf, code, countAttempt, email, password, TEXT_MAX } from "./sign_in_rules.ts";

const refreshToken = z.string().min(1).max(200);

const Tokens = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal("Bearer"),
  expires_in: z.number().int().describe("Seconds the access token is good for"),
});

const EXAMPLE = { email: "ada@example.com", password: "correct horse battery" };

export function authRoutes(endpoints: Endpoints, services: Services): void {
  setupRoutes(endpoints, services);
  tokenRoutes(endpoints, services);
}

function setupRoutes(endpoints: Endpoints, { identity }: Services): void {
  endpoints.define({
    method: "POST",
    path: "/api/v1/auth/setup",
    summary: "Create the first admin, once",
    access: "public",
    body: z.object({ token: z.string().min(1).max(TEXT_MAX), email, password }),
    example: { token: "token of the set-up link, or BOOTSTRAP_TOKEN", ...EXAMPLE },
    answers: { 201: { about: "The first admin", schema: Account } },
    errors: ["SETUP_DONE", "SETUP_TOKEN_INVALID", "VALIDATION_FAILED", "CONFLICT"],
    handle: async ({ body, gate }) =>
      reply(201, accountOf(await identity.setup.redeem(body, gate.requestId))),
  });
}

function tokenRoutes(endpoints: Endpoints, services: Services): void {
  const { sessions, signIn } = services.identity;

  endpoints.define({
    method: "POST",
    path: "/api/v1/auth/login",
    summary: "Sign in",
    access: "public",
    body: z.object({ email, password, code: code.optional() }),
    example: EXAMPLE,
    answers: { 200: { about: "Tokens of a new sign-in", schema: Tokens } },
    errors: ["INVALID_CREDENTIALS", "SECOND_FACTOR_REQUIRED", "SIGN_IN_DELAYED"],
    async handle({ body, gate, request }) {
      await countAttempt(services, body.email);
      const client = clientOf(request, gate);
      return reply(
        200,
        tokensOf(await signIn.withTokens({ ...body, client, requestId: gate.requestId })),
      );
    },
  });

  endpoints.define({
    method: "POST",
    path: "/api/v1/auth/refresh",
    summary: "Exchange a refresh token for new tokens",
    access: "public",
    body: z.object({ refresh_token: refreshToken }),
    answers: { 200: { about: "New tokens; the old refresh token is used up", schema: Tokens } },
    errors: ["INVALID_REFRESH_TOKEN"],
    handle: async ({ body, gate }) =>
      reply(200, tokensOf(await signIn.refresh(body.refresh_token, gate.requestId))),
  });

  endpoints.define({
    method: "POST",
    path: "/api/v1/auth/logout",
    summary: "End the sign-in of a refresh token",
    access: "public",
    body: z.object({ refresh_token: refreshToken }),
    answers: { 204: { about: "Ended, or there was none" } },
    async handle({ body, gate }) {
      await sessions.logout(body.refresh_token, gate.requestId);
      return reply(204, null);
    },
  });
}

function tokensOf({ accessToken, refreshToken, expiresInS }: TokenPair) {
  return {
    access_token: accessToken,
    refresh_token: refreshToken,
    token_type: "Bearer" as const,
    expires_in: expiresInS,
  };
}
