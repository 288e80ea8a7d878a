/**
 * What a server of somebody else answered instead of what we wanted. One class for all of them
 * (mail, webhooks, reputation, language models), so that its status decides what happens next.
 */
import { DAY, SECOND } from "../time.ts";

/** Why an answer is of no use although its status is fine. */
export type ProviderComplaint = "bad_answer" | "content_filter" | "context_too_long";

export interface ProviderErrorOptions {
  /** Our word for it, such as `mail_api`. */
  readonly provider: string;
  /** HTTP status of the answer. */
  readonly status: number;
  /** From `Retry-After`, in milliseconds. */
  readonly retryAfterMs?: number;
  /** What it said, shortened; redacted before it is kept anywhere. */
  readonly detail?: string;
  /** A language model, whose troubles are counted apart. */
  readonly llm?: boolean;
  readonly complaint?: ProviderComplaint;
  readonly cause?: unknown;
}

export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly provider: string;
  readonly status: number;
  readonly retryAfterMs?: number;
  readonly llm: boolean;
  readonly complaint?: ProviderComplaint;

  constructor(options: ProviderErrorOptions) {
    const { provider, status, complaint, detail } = options;
    const said = detail ? `: ${detail.slice(0, DETAIL_MAX)}` : "";
    super(`${provider} answered ${complaint ?? status}${said}`, { cause: options.cause });
    this.provider = provider;
    this.status = status;
    this.retryAfterMs = options.retryAfterMs;
    this.llm = options.llm ?? false;
    this.complaint = complaint;
  }
}

const DETAIL_MAX = 200;
/** A server that asks us back later than this is asked all the same. */
const WAIT_MAX_MS = DAY;

/** Milliseconds that a `Retry-After` asks for: seconds or a date; undefined when it says nothing. */
export function parseRetryAfter(
  value: string | null | undefined,
  nowMs: number,
): number | undefined {
  const text = value?.trim() ?? "";
  const waitMs = /^\d{1,9}$/.test(text) ? Number(text) * SECOND : Date.parse(text) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), WAIT_MAX_MS);
}
