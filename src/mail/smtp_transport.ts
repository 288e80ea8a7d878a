/**
 * Sends a mail by SMTP with `nodemailer`, which is loaded with the first mail, so that whoever has
 * no SMTP server never pays for it. A mail has a connection of its own: they are few. Its Message-ID
 * is the same at each attempt, so that one whose answer was lost is known as the same mail.
 */
import type { Transporter } from "nodemailer";
import { categorize } from "../errors/categorize.ts";
import { MINUTE, SECOND } from "../time.ts";
import { type MailTransport, PartlySentError } from "./mail.ts";

export interface SmtpTransportOptions {
  /** `smtp://user:password@host:port`, or `smtps://`. */
  readonly url: string;
  /** How long a connection and its greeting may take; 15 s when absent. */
  readonly timeoutMs?: number;
  /** How long it may then be silent; 2 min when absent. */
  readonly silenceMs?: number;
}

const TIMEOUT_MS = 15 * SECOND;
/** A server that looks for viruses before it takes a mail is not to get it again meanwhile. */
const SILENCE_MS = 2 * MINUTE;

export function createSmtpTransport(
  { url, timeoutMs = TIMEOUT_MS, silenceMs = SILENCE_MS }: SmtpTransportOptions,
): MailTransport {
  let opened: Promise<Transporter> | undefined;

  const open = async () => {
    const { createTransport } = (await import("nodemailer")).default;
    return createTransport({
      url,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: silenceMs,
      dnsTimeout: timeoutMs,
      // What a mail says is text, never a file or a page to be fetched.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  };

  return {
    kind: "smtp",
    async send({ from, to, pending, subject, text, html, id }, signal) {
      signal?.throwIfAborted();
      opened ??= open();
      const transporter = await opened.catch((error) => {
        opened = undefined;
        throw error;
      });
      const messageId = id && `<${id}@${from.split("@").pop()?.replace(/[^\w.-]/g, "")}>`;
      const sent = await transporter.sendMail({
        from,
        to: [...to],
        ...(pending.length < to.length ? { envelope: { from, to: [...pending] } } : {}),
        subject,
        text,
        html,
        ...(messageId ? { messageId } : {}),
      });
      const { rejected = [], rejectedErrors } = sent;
      if (rejected.length > 0) throw partlySent(rejected, rejectedErrors);
      return String(sent.messageId);
    },
  };
}

function partlySent(pending: readonly string[], reasons: readonly Error[] = []): PartlySentError {
  const hopeful = reasons.find((error) => categorize(error).retryable);
  return new PartlySentError(pending, hopeful ?? reasons[0]);
}
