/**
 * What a mail is, and which ones we send: few recipients, bounded texts, and nothing that could end
 * a header line and begin another. How it gets there is the transports' business.
 */
import { AppError } from "../errors/app_error.ts";

export interface Mail {
  /** One address, or up to ten. */
  readonly to: string | readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /** The same id is the same mail: a provider that knows ids sends it once. */
  readonly id?: string;
  /** Those of `to` who have not got it yet; all of them when absent. */
  readonly pending?: readonly string[];
}

/**
 * Some have it, and some were refused. To be sent again with `pending`, and so to nobody twice; the
 * cause is the refusal that gives most hope.
 */
export class PartlySentError extends Error {
  override readonly name = "PartlySentError";
  readonly pending: readonly string[];

  constructor(pending: readonly string[], cause: unknown) {
    const said = cause instanceof Error ? cause.message : String(cause);
    super(`Some recipients were refused, ${pending.length} in number: ${said}`, { cause });
    this.pending = pending;
  }
}

/** A mail as transports take it. */
export interface CheckedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly id?: string;
  /** Who is to get it now, of those it names. */
  readonly pending: readonly string[];
}

/** A way to get a mail to its recipients. */
export interface MailTransport {
  readonly kind: "api" | "smtp";
  /** Answers the id the mail got. @throws PartlySentError when not everybody has it. */
  send(mail: CheckedMail, signal?: AbortSignal): Promise<string>;
}

const RECIPIENTS_MAX = 10;
const SUBJECT_MAX = 200;
const BODY_MAX = 200_000;
const ID_MAX = 100;

/** Plain addresses alone: no names, lists, comments or quotes, which parsers read differently. */
const ADDRESS = /^[\w.!#$%&*+/=?^{|}~-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63}){0,8}$/;

// deno-lint-ignore no-control-regex -- these are what must not get into a header
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** @throws AppError VALIDATION_FAILED, which no retry will mend. */
export function checkMail(mail: Mail, from: string): CheckedMail {
  const { subject, text, html, id } = mail;
  const to = typeof mail.to === "string" ? [mail.to] : mail.to;
  if (to.length === 0 || to.length > RECIPIENTS_MAX) {
    throw refusal(`A mail has 1 to ${RECIPIENTS_MAX} recipients, not ${to.length}`);
  }
  if (!to.every((address) => ADDRESS.test(address))) throw refusal("A recipient is no address");
  if (text.length > BODY_MAX || (html?.length ?? 0) > BODY_MAX) {
    throw refusal(`A mail has at most ${BODY_MAX} characters`);
  }
  const everybody = [...new Set(to)];
  return {
    from,
    to: everybody,
    pending: mail.pending ? everybody.filter((one) => mail.pending?.includes(one)) : everybody,
    subject: subject.replace(CONTROLS, " ").trim().slice(0, SUBJECT_MAX),
    text,
    html,
    id: id?.replace(/[^\w.-]/g, "").slice(0, ID_MAX),
  };
}

const refusal = (detail: string) => new AppError("VALIDATION_FAILED", { detail });
