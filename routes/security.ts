/** `/api/v1/security/…`: reports that browsers send about our Content-Security-Policy. */
import { AppError } from "../src/errors/app_error.ts";
import type { Services } from "../src/services.ts";
import { reply } from "./endpoint/definition.ts";
import type { Endpoints } from "./endpoint/register.ts";

export function securityRoutes(
  endpoints: Endpoints,
  { cspReports }: Pick<Services, "cspReports">,
): void {
  endpoints.define({
    method: "POST",
    path: "/api/v1/security/csp-reports",
    summary: "Take a browser's Content-Security-Policy reports",
    access: "public",
    bodyAs: ["application/csp-report", "application/reports+json"],
    answers: { 204: { about: "Counted" } },
    async handle({ request }) {
      const type = request.headers.get("content-type") ?? "";
      const counted = cspReports.take(await request.text(), type);
      if (counted === null) {
        throw new AppError("MALFORMED_REQUEST", { detail: "This is no report." });
      }
      return reply(204, null);
    },
  });
}
