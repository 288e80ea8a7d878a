/**
 * Sends a mail by SMTP with `nodemailer`, which is loaded with the first mail, so that whoever has
 * no SMTP server never pays for it. A mail has a connection of its own: they are few.
 */
import type { Transporter } from "nodemailer";
import { SECOND } from "../time.ts";
import type { MailTransport } from "./mail.ts";

export interface SmtpTransportOptions {
  /** `smtp://user:password@host:port`, or `smtps://`. */
  readonly url: string;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 15 * SECOND;

export function createSmtpTransport(
  { url, timeoutMs = TIMEOUT_MS }: SmtpTransportOptions,
): MailTransport {
  let opened: Promise<Transporter> | undefined;

  const open = async () => {
    const { createTransport } = (await import("nodemailer")).default;
    return createTransport({
      url,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      dnsTimeout: timeoutMs,
      // What a mail says is text, never a file or a page to be fetched.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  };

  return {
    kind: "smtp",
    async send({ from, to, subject, text, html, id }, signal) {
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
        subject,
        text,
        html,
        ...(messageId ? { messageId } : {}),
      });
      return String(sent.messageId);
    },
  };
}
