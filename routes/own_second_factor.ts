/** `/api/v1/auth/me/second-factor…`: switching one's own second factor on and off. */
import { z } from "zod";
import type { Services } from "../src/services.ts";
import { reply } from "./endpoint/definition.ts";
import type { Endpoints } from "./endpoint/register.ts";
import { code, demandFresh } from "./sign_in_rules.ts";

export function ownSecondFactorRoutes(endpoints: Endpoints, { identity, clock }: Services): void {
  const { secondFactors } = identity;

  endpoints.define({
    method: "POST",
    path: "/api/v1/auth/me/second-factor",
    summary: "Begin a second factor (TOTP)",
    access: { role: "user" },
    answers: {
      201: {
        about: "What to put into the app; confirm it with a code",
        schema: z.object({ secret: z.string(), uri: z.string() }),
      },
    },
    errors: ["SECOND_FACTOR_ON", "REAUTHENTICATION_REQUIRED", "CONFLICT"],
    async handle({ caller }) {
      demandFresh(caller, clock);
      return reply(201, await secondFactors.enrol(caller.user.id, caller.actor));
    },
  });

  endpoints.define({
    method: "POST",
    path: "/api/v1/auth/me/second-factor/confirm",
    summary: "Switch the second factor on",
    access: { role: "user" },
    body: z.object({ code }),
    answers: {
      200: {
        about: "Recovery codes, shown this once",
        schema: z.object({ recovery_codes: z.array(z.string()) }),
      },
    },
    errors: ["SECOND_FACTOR_ON", "CONFLICT"],
    async handle({ body, caller }) {
      const { recoveryCodes } = await secondFactors.confirm(
        caller.user.id,
        body.code,
        caller.actor,
      );
      return reply(200, { recovery_codes: [...recoveryCodes] });
    },
  });

  endpoints.define({
    method: "DELETE",
    path: "/api/v1/auth/me/second-factor",
    summary: "Switch the second factor off, with one of its codes",
    access: { role: "user" },
    // One that was never confirmed has no codes yet.
    body: z.object({ code: code.optional() }),
    example: { code: "123456" },
    answers: { 204: { about: "Off" } },
    errors: [
      "REAUTHENTICATION_REQUIRED",
      "SECOND_FACTOR_REQUIRED",
      "INVALID_CREDENTIALS",
      "SIGN_IN_DELAYED",
      "CONFLICT",
    ],
    async handle({ body, caller }) {
      demandFresh(caller, clock);
      await identity.switchOffSecondFactor(caller.user.id, body.code, caller.actor);
      return reply(204, null);
    },
  });
}
