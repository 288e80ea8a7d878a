/** `/api/v1/security/…`: reports that browsers send about our Content-Security-Policy. */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { GateEnv } from "../src/context.ts";
import { AppError } from "../src/errors/app_error.ts";
import type { Services } from "../src/services.ts";

/** Browsers batch reports; a batch above this is not one of theirs. */
const REPORT_BYTES_MAX = 64 * 1024;
const REPORT_TYPE = /^application\/(csp-report|reports\+json)\b/i;

export function securityRoutes({ cspReports }: Services): Hono<GateEnv> {
  const app = new Hono<GateEnv>();
  const limited = bodyLimit({
    maxSize: REPORT_BYTES_MAX,
    onError: () => {
      throw new AppError("PAYLOAD_TOO_LARGE");
    },
  });

  app.post("/api/v1/security/csp-reports", limited, async (c) => {
    const type = c.req.header("content-type") ?? "";
    if (!REPORT_TYPE.test(type)) {
      throw new AppError("UNSUPPORTED_MEDIA_TYPE", {
        detail: "Send application/csp-report or application/reports+json.",
      });
    }
    const counted = cspReports.take(await c.req.text(), type);
    if (counted === null) throw new AppError("MALFORMED_REQUEST", { detail: "This is no report." });
    return c.body(null, 204);
  });

  return app;
}
