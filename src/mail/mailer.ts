/**
 * Sends mail the way it is configured: through an HTTPS API, else by SMTP, else not at all, which
 * is a plain answer and no error. Trying again is the task queue's business: what is thrown says by
 * `categorize` whether that can help.
 */
import type { Config } from "../config.ts";
import type { Clock } from "../time.ts";
import { createApiTransport } from "./api_transport.ts";
import { checkMail, type Mail, type MailTransport } from "./mail.ts";
import { createSmtpTransport } from "./smtp_transport.ts";

export interface MailerOptions {
  readonly config: Pick<
    Config,
    "MAIL_API_URL" | "MAIL_API_KEY" | "MAIL_API_STYLE" | "MAIL_FROM" | "SMTP_URL"
  >;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly metrics?: { readonly deliveries: { add(result: string): void } };
  /** How long one attempt may take, in milliseconds; 15 s when absent. */
  readonly timeoutMs?: number;
}

export type MailResult =
  | { readonly outcome: "sent"; readonly id: string }
  | { readonly outcome: "not_configured" };

export interface Mailer {
  readonly transport: MailTransport["kind"] | "none";
  /**
   * @throws AppError VALIDATION_FAILED for a mail that cannot be; PartlySentError when some of its
   * recipients were refused; ProviderError, or an error of the network or of nodemailer, when it
   * could not be handed over.
   */
  send(mail: Mail, signal?: AbortSignal): Promise<MailResult>;
}

export function createMailer(options: MailerOptions): Mailer {
  const { config, metrics } = options;
  const transport = transportOf(options);
  return {
    transport: transport?.kind ?? "none",
    async send(mail, signal) {
      const checked = checkMail(mail, config.MAIL_FROM);
      if (!transport) {
        metrics?.deliveries.add("mail.skipped");
        return { outcome: "not_configured" };
      }
      try {
        const id = await transport.send(checked, signal);
        metrics?.deliveries.add("mail.sent");
        return { outcome: "sent", id };
      } catch (error) {
        metrics?.deliveries.add("mail.failed");
        throw error;
      }
    },
  };
}

function transportOf({ config, ...options }: MailerOptions): MailTransport | undefined {
  const { MAIL_API_URL: url, MAIL_API_KEY: key = "", MAIL_API_STYLE: style, SMTP_URL } = config;
  if (url) return createApiTransport({ ...options, url, key, style });
  const { timeoutMs } = options;
  return SMTP_URL
    ? createSmtpTransport({ url: SMTP_URL, timeoutMs, silenceMs: timeoutMs })
    : undefined;
}
