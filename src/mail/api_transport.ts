/**
 * Sends a mail through an HTTPS API, the way that works on Deno Deploy, where SMTP ports are shut.
 * Two shapes of such an API cover most: Resend's and Postmark's.
 */
import { parseRetryAfter, ProviderError } from "../errors/provider_error.ts";
import { type Clock, SECOND } from "../time.ts";
import type { CheckedMail, MailTransport } from "./mail.ts";

export type MailApiStyle = "resend" | "postmark";

export interface ApiTransportOptions {
  readonly url: URL;
  readonly key: string;
  readonly style: MailApiStyle;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 15 * SECOND;
/** An id, or a complaint; the rest is not read. */
const ANSWER_BYTES_MAX = 4_096;

export function createApiTransport(options: ApiTransportOptions): MailTransport {
  const { url, fetch, clock, style, timeoutMs = TIMEOUT_MS } = options;
  return {
    kind: "api",
    async send(mail, signal) {
      const deadline = new AbortController();
      const expire = () => deadline.abort(new DOMException("Mail API timed out", "TimeoutError"));
      const timer = setTimeout(expire, timeoutMs);
      try {
        const response = await fetch(url, {
          method: "POST",
          redirect: "error",
          headers: headersOf(mail, options),
          body: JSON.stringify(bodyOf(mail, style)),
          signal: signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal,
        });
        const text = await readStart(response);
        if (response.ok) return idIn(text, style) ?? mail.id ?? "";
        throw new ProviderError({
          provider: "mail_api",
          status: response.status,
          retryAfterMs: parseRetryAfter(response.headers.get("retry-after"), clock.now()),
          detail: text,
        });
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function headersOf({ id }: CheckedMail, { key, style }: ApiTransportOptions): HeadersInit {
  const headers = { "content-type": "application/json", accept: "application/json" };
  if (style === "postmark") return { ...headers, "x-postmark-server-token": key };
  return { ...headers, authorization: `Bearer ${key}`, ...(id ? { "idempotency-key": id } : {}) };
}

function bodyOf({ from, pending: to, subject, text, html }: CheckedMail, style: MailApiStyle) {
  if (style === "resend") return { from, to, subject, text, html };
  return { From: from, To: to.join(", "), Subject: subject, TextBody: text, HtmlBody: html };
}

function idIn(text: string, style: MailApiStyle): string | undefined {
  try {
    const id = JSON.parse(text)?.[style === "resend" ? "id" : "MessageID"];
    return typeof id === "string" ? id : undefined;
  } catch {
    return undefined;
  }
}

/** What came of the body before it broke off, if it did: by the status the mail is decided. */
async function readStart({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of body ?? []) {
      text += decoder.decode(chunk.subarray(0, ANSWER_BYTES_MAX), { stream: true });
      if (text.length >= ANSWER_BYTES_MAX) break;
    }
  } catch {
    // The mail was taken, or refused, all the same.
  }
  return text.slice(0, ANSWER_BYTES_MAX);
}
