/** `Idempotency-Key`: a write that is sent again is answered again, and done once. */
import { AppError } from "../../src/errors/app_error.ts";
import type { KeptAnswer } from "../../src/idempotency/idempotency.ts";
import type { Services } from "../../src/services.ts";
import type { AnyEndpoint, Caller } from "./definition.ts";

export const IDEMPOTENCY_HEADER = "idempotency-key";
const KEY = /^[\x21-\x7e]{1,255}$/;
const RETRY_AFTER_S = "1";

export type Replay = (
  endpoint: Pick<AnyEndpoint, "method" | "path">,
  body: unknown,
  params: unknown,
  caller: Caller,
  request: Request,
  run: () => Promise<Response>,
) => Promise<Response>;

export function createReplay({ idempotency, log }: Pick<Services, "idempotency" | "log">): Replay {
  return async (endpoint, body, params, caller, request, run) => {
    const key = request.headers.get(IDEMPOTENCY_HEADER);
    if (key === null) return await run();
    if (!KEY.test(key)) {
      throw new AppError("MALFORMED_REQUEST", {
        detail: "Idempotency-Key must be 1 to 255 visible ASCII characters.",
      });
    }
    const { user } = caller;
    const scope = `${user.realm} ${user.id} ${endpoint.method} ${endpoint.path}`;
    const content = JSON.stringify([params ?? null, body ?? null]);
    const begun = await idempotency.begin({ scope, key, content });
    if (begun.state === "different") throw new AppError("IDEMPOTENCY_KEY_REUSED");
    if (begun.state === "running") {
      throw new AppError("IDEMPOTENCY_KEY_IN_USE", { headers: { "retry-after": RETRY_AFTER_S } });
    }
    if (begun.state === "done") return restored(begun.answer);
    try {
      const response = await run();
      const answer = await kept(response);
      // The write is done; that its answer could not be kept must not make it look undone.
      await begun.finish(answer).catch((error) => log.warn("idempotency.not_kept", { error }));
      return restored(answer);
    } catch (error) {
      await begun.forget().catch(() => {});
      throw error;
    }
  };
}

async function kept(response: Response): Promise<KeptAnswer> {
  return {
    status: response.status,
    headers: [...response.headers],
    body: await response.text(),
  };
}

function restored({ status, headers, body }: KeptAnswer): Response {
  return new Response(body === "" ? null : body, {
    status,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  });
}
