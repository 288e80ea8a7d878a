/** `/openapi.json`: what all the other endpoints are, for programs. */
import { z } from "zod";
import { VERSION } from "../src/config.ts";
import type { Services } from "../src/services.ts";
import { reply } from "./endpoint/definition.ts";
import { openApiDocument } from "./endpoint/openapi.ts";
import type { Endpoints } from "./endpoint/register.ts";

export function documentRoutes(endpoints: Endpoints, { config }: Pick<Services, "config">): void {
  let document: Readonly<Record<string, unknown>> | undefined;

  endpoints.define({
    method: "GET",
    path: "/openapi.json",
    summary: "This document",
    access: "public",
    answers: { 200: { about: "OpenAPI 3.1", schema: z.record(z.string(), z.unknown()) } },
    handle() {
      document ??= openApiDocument(endpoints.all, {
        version: VERSION,
        basePath: config.BASE_PATH,
      });
      return reply(200, document, { "cache-control": "public, max-age=300" });
    },
  });
}
