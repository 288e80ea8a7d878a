/** `from` after `to`: nothing lies there, and no mistake of a reader may look like an outage of KV. */
import { assert, assertEquals } from "@std/assert";
import { openIdentityApp } from "./_identity_app.ts";

const TURNED = "from=2031-01-01T00:00:00Z&to=2026-11-21T00:00:00Z";
const DLQ = "/api/v1/onboarding/admin/dlq/tasks";

const READERS: readonly string[] = [
  DLQ,
  `${DLQ}?status=retrying&order=oldest`,
  `${DLQ}?name=webhook.deliver`,
  `${DLQ}?format=csv`,
  "/api/v1/auth/audit",
  "/api/v1/security/events",
  "/api/v1/monitoring/security",
  "/api/v1/monitoring/errors",
];

/** More than open the breaker. */
const TIMES = 7;

for (const path of READERS) {
  Deno.test(`${path} from a day after the last one is no failure`, async () => {
    await using app = await openIdentityApp();
    const { token } = await app.person("admin");
    for (let times = 0; times < TIMES; times++) {
      const { status, text } = await app.get(`${path}${path.includes("?") ? "&" : "?"}${TURNED}`, {
        token,
      });
      assert(status === 200 || status === 422, `${status} ${text}`);
    }
    assertEquals((await app.get("/readyz")).status, 200);
  });
}
