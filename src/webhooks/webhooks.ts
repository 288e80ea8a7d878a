/**
 * Delivers a webhook once: signed, to a checked address, within a time, and says by what it throws
 * whether another try can help. Trying again is the task queue's business.
 */
import { AppError } from "../errors/app_error.ts";
import { parseRetryAfter, ProviderError } from "../errors/provider_error.ts";
import { type Clock, SECOND } from "../time.ts";
import { createAddressRules, type ParseRange } from "./address_rules.ts";
import type { PinnedAnswer, PinnedRequest } from "./pinned_post.ts";
import { signWebhook } from "./signature.ts";
import { findTarget } from "./target.ts";

export interface WebhooksOptions {
  /** The one in use first, then former ones that receivers may still check with; none, no signature. */
  readonly secrets: readonly string[];
  readonly clock: Clock;
  readonly resolve: (host: string) => Promise<readonly string[]>;
  readonly post: (request: PinnedRequest) => Promise<PinnedAnswer>;
  readonly parseRange: ParseRange;
  /** Plain HTTP, private addresses and any port are fine: receivers in one's own network. */
  readonly allowPrivate: boolean;
  readonly metrics?: { readonly deliveries: { add(result: string): void } };
  /** From the look-up of the name to the answer, in milliseconds; 10 s when absent. */
  readonly timeoutMs?: number;
}

export interface Webhook {
  readonly url: string;
  /** What happened, such as `alert.firing`; sent as `x-gatehouse-event`. */
  readonly event: string;
  /** The same for each try, so that a receiver knows a repetition; sent as `webhook-id`. */
  readonly id: string;
  /** Sent as JSON. */
  readonly body: unknown;
}

export interface Webhooks {
  /**
   * @throws AppError WEBHOOK_URL_REFUSED; ProviderError when the answer is not 2xx; an error of the
   * network, or a TimeoutError.
   */
  deliver(webhook: Webhook, signal?: AbortSignal): Promise<{ readonly status: number }>;
  /** For when somebody enters a URL. @throws AppError WEBHOOK_URL_REFUSED */
  checkUrl(url: string): Promise<void>;
}

const TIMEOUT_MS = 10 * SECOND;
const BODY_MAX = 256 * 1_024;
const NAME = /^[\w.:-]{1,100}$/;

export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { clock, metrics, post, timeoutMs = TIMEOUT_MS } = options;
  const rules = { ...options, isAllowed: createAddressRules(options) };

  const send = async (webhook: Webhook, signal: AbortSignal) => {
    const { url, address } = await unlessAborted(findTarget(webhook.url, rules), signal);
    const body = bodyOf(webhook);
    const headers = await headersOf(webhook, body, options);
    const { status, retryAfter, text } = await post({ url, address, headers, body, signal });
    if (status >= 200 && status < 300) return { status };
    const retryAfterMs = parseRetryAfter(retryAfter, clock.now());
    throw new ProviderError({ provider: "webhook", status, retryAfterMs, detail: text });
  };

  return {
    async deliver(webhook, signal) {
      const deadline = new AbortController();
      const expire = () => deadline.abort(new DOMException("Webhook timed out", "TimeoutError"));
      const timer = setTimeout(expire, timeoutMs);
      const stop = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
      try {
        const sent = await send(webhook, stop);
        metrics?.deliveries.add("webhook.sent");
        return sent;
      } catch (error) {
        metrics?.deliveries.add("webhook.failed");
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    async checkUrl(url) {
      await findTarget(url, rules);
    },
  };
}

function bodyOf({ event, id, body }: Webhook): string {
  const text = JSON.stringify(body) ?? "";
  if (text.length > BODY_MAX) throw refusal(`A webhook has at most ${BODY_MAX} characters.`);
  if (!NAME.test(event) || !NAME.test(id)) throw refusal("Its event or id has odd characters.");
  return text;
}

async function headersOf(
  { event, id }: Webhook,
  body: string,
  { clock, secrets }: WebhooksOptions,
): Promise<Record<string, string>> {
  const timestampSeconds = Math.floor(clock.now() / SECOND);
  const headers = {
    "content-type": "application/json",
    "user-agent": "Gatehouse-Webhooks/1",
    "x-gatehouse-event": event,
    "webhook-id": id,
    "webhook-timestamp": String(timestampSeconds),
  };
  if (secrets.length === 0) return headers;
  const signature = await signWebhook({ id, timestampSeconds, body }, secrets);
  return { ...headers, "webhook-signature": signature };
}

/** For what takes no signal, such as a look-up of the system's. */
function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const give = () => reject(signal.reason);
    if (signal.aborted) give();
    signal.addEventListener("abort", give, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", give));
  });
}

const refusal = (detail: string) => new AppError("VALIDATION_FAILED", { detail });
