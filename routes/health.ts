/** `/healthz` and `/readyz`: public, and therefore brief. */
import { z } from "zod";
import type { Services } from "../src/services.ts";
import { reply } from "./endpoint/definition.ts";
import type { Endpoints } from "./endpoint/register.ts";

const Status = z.object({ status: z.enum(["pass", "fail"]) });

export function healthRoutes(endpoints: Endpoints, { isReady }: Pick<Services, "isReady">): void {
  endpoints.define({
    method: "GET",
    path: "/healthz",
    summary: "Whether the process serves",
    access: "public",
    answers: { 200: { about: "It serves", schema: Status } },
    // KV is left out on purpose: its outage must not restart every isolate.
    handle: () => reply(200, { status: "pass" }),
  });

  endpoints.define({
    method: "GET",
    path: "/readyz",
    summary: "Whether it can do all its work",
    access: "public",
    answers: {
      200: { about: "It can", schema: Status },
      503: { about: "KV does not answer", schema: Status },
    },
    handle: async () =>
      await isReady() ? reply(200, { status: "pass" }) : reply(503, { status: "fail" }),
  });
}
