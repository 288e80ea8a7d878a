/**
 * Says of any thrown value what went wrong: whose affair, how bad, and whether trying again may
 * help. Own classes first, then the status of an answer, the name, the code, the text, and then the
 * same for its causes. It never throws; what to do about it is left to others.
 */
import { AppError } from "./app_error.ts";
import type { ErrorCategory, Severity } from "./codes.ts";
import { FAILURE_OF_CODE, FAILURE_OF_NAME, JOSE_CODE } from "./failure_names.ts";
import { failureOfClass, failureOfText } from "./failure_texts.ts";
import { type FailureCode, FAILURES } from "./failures.ts";
import { parseRetryAfter, ProviderError } from "./provider_error.ts";
import { read, readThrown, type Thrown } from "./thrown.ts";

export interface Categorized {
  readonly category: ErrorCategory;
  readonly severity: Severity;
  /** A code of `codes.ts` when it was thrown on purpose, else one of `failures.ts`. */
  readonly code: string;
  /** Whether the same call may succeed later without being changed. */
  readonly retryable: boolean;
  /** How long to wait at least, where somebody said so; milliseconds. */
  readonly retryAfterMs?: number;
}

/** Causes of causes that are looked at; also what ends a circle. */
const DEPTH_MAX = 5;

/** Wrong, barred or unpaid: another key or a word with the provider mends it, with the same call. */
const LOGIN_STATUSES = new Set([401, 402, 403, 407]);
/** In use, or too early: what the request meets there changes by itself. */
const BUSY_STATUSES = new Set([409, 423, 425]);
/** RFC 4954: sign in first, mechanism too weak, wrong credentials, encryption needed. */
const LOGIN_REPLIES = new Set([530, 534, 535, 538]);
/** nodemailer's, where it has a reply. */
const SMTP_CODE = /^E(ENVELOPE|MESSAGE|STREAM|PROTOCOL|CONNECTION|SOCKET|AUTH|TLS)$/;

const WORST_FIRST: readonly Severity[] = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFO"];

export function categorize(thrown: unknown): Categorized {
  try {
    return judgeChain(thrown, DEPTH_MAX);
  } catch {
    // Only a value made for it gets here, such as a proxy that changes its mind.
    return failure("UNKNOWN");
  }
}

function failure(code: FailureCode, retryAfterMs?: number): Categorized {
  return { ...FAILURES[code], code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function judgeChain(thrown: unknown, depth: number): Categorized {
  const facts = readThrown(thrown);
  const certain = judge(thrown, facts, depth) ?? judgeCauses(facts, depth);
  if (certain) return certain;
  return failure(facts.isError ? failureOfClass(facts.name, facts.message) : "NOT_AN_ERROR");
}

/** What a chain of causes says for certain. */
function judgeCauses({ cause }: Thrown, depth: number): Categorized | undefined {
  if (cause === undefined || cause === null || depth <= 1) return undefined;
  const facts = readThrown(cause);
  return judge(cause, facts, depth - 1) ?? judgeCauses(facts, depth - 1);
}

/** What one value says for certain, its causes left aside. */
function judge(thrown: unknown, facts: Thrown, depth: number): Categorized | undefined {
  if (thrown instanceof AppError) return judgeOwn(thrown);
  if (thrown instanceof ProviderError) return judgeProvider(thrown);
  if (facts.members.length > 0 && facts.name === "AggregateError") {
    return judgeMembers(facts.members, depth);
  }
  if (facts.name === "AbortError") return judgeAbort(facts, depth);
  const code = (facts.status > 0 ? codeOfStatus(thrown, facts) : undefined) ??
    FAILURE_OF_NAME.get(facts.name) ?? codeOfCode(facts.code) ?? failureOfText(facts.message);
  return code && failure(code);
}

function judgeOwn({ code, spec, options }: AppError): Categorized {
  const { category, severity, retryable } = spec;
  const waitMs = parseRetryAfter(options.headers?.["retry-after"], 0);
  return { category, severity, code, retryable, ...(waitMs ? { retryAfterMs: waitMs } : {}) };
}

function judgeProvider(error: ProviderError): Categorized {
  const code = error.llm ? codeOfModel(error) : codeOfProvider(error.status, error.complaint);
  return failure(code, error.retryAfterMs);
}

function codeOfProvider(status: number, complaint?: string): FailureCode {
  if (complaint) return "PROVIDER_BAD_ANSWER";
  if (status === 429) return "TOO_MANY_REQUESTS";
  if (LOGIN_STATUSES.has(status)) return "PROVIDER_LOGIN_REFUSED";
  if (status === 408 || status === 504) return "TIMED_OUT";
  return status >= 500 || BUSY_STATUSES.has(status) ? "PROVIDER_FAILED" : "PROVIDER_REFUSED";
}

function codeOfModel({ status, complaint }: ProviderError): FailureCode {
  if (complaint) return complaint === "bad_answer" ? "LLM_BAD_ANSWER" : "LLM_REFUSED";
  if (status === 429 || status === 529) return "LLM_BUSY";
  return status >= 500 || status === 408 ? "LLM_FAILED" : "LLM_REFUSED";
}

/** A library's error with the status of an answer: ours to a client (hono), or somebody's to us. */
function codeOfStatus(thrown: unknown, facts: Thrown): FailureCode | undefined {
  const { status, code, message } = facts;
  if (status < 400) return undefined;
  if (typeof read(thrown, "getResponse") === "function") return codeOfAnswer(status, message);
  if (SMTP_CODE.test(code)) return codeOfReply(status, code, read(thrown, "command"));
  return codeOfCode(code) ?? codeOfProvider(status);
}

/**
 * SMTP has 4xx for what may pass later and 5xx for what will not. A 5xx before the mail was named
 * says nothing about the mail: it is about us, and the operator's to mend.
 */
function codeOfReply(reply: number, code: string, command: unknown): FailureCode {
  if (reply < 500) return "PROVIDER_FAILED";
  if (code === "EAUTH" || LOGIN_REPLIES.has(reply)) return "PROVIDER_LOGIN_REFUSED";
  return command === "CONN" || code === "ETLS" ? "PROVIDER_FAILED" : "PROVIDER_REFUSED";
}

function codeOfAnswer(status: number, message: string): FailureCode {
  if (status === 401) return "NOT_SIGNED_IN";
  if (status === 403) return "NOT_ALLOWED";
  if (status === 408 || status === 504) return "TIMED_OUT";
  if (status === 429) return "TOO_MANY_REQUESTS";
  if (status === 502 || status === 503) return "PROVIDER_FAILED";
  if (status >= 500) return "BUG";
  return failureOfText(message) === "JSON_SYNTAX" ? "JSON_SYNTAX" : "REQUEST_INVALID";
}

function codeOfCode(code: string): FailureCode | undefined {
  if (code === "") return undefined;
  return FAILURE_OF_CODE.get(code) ?? (JOSE_CODE.test(code) ? "TOKEN_INVALID" : undefined);
}

/** An abort with a reason is what the reason is: a deadline of ours, mostly. */
function judgeAbort(facts: Thrown, depth: number): Categorized {
  return judgeCauses(facts, depth) ?? failure("CALLER_LEFT");
}

/** As bad as the worst of them; worth another try only when each of them is. */
function judgeMembers(members: readonly unknown[], depth: number): Categorized {
  if (depth <= 1) return failure("UNKNOWN");
  const all = members.map((member) => judgeChain(member, depth - 2));
  all.sort((a, b) => WORST_FIRST.indexOf(a.severity) - WORST_FIRST.indexOf(b.severity));
  return { ...all[0], retryable: all.every(({ retryable }) => retryable) };
}
