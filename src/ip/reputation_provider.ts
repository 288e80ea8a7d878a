/**
 * What a reputation provider is to us, and one question to it over HTTP: with a deadline, a bound on
 * the answer, and errors that never quote the URL, because a provider may want its key in there.
 */
import { type Clock, DAY, SECOND } from "../time.ts";

export interface Opinion {
  /** 0 (nothing known against it) to 1. */
  readonly score: number;
  /** Two-letter code. */
  readonly country?: string;
  /** Whether it is worth asking a dearer provider too. */
  readonly isDoubtful: boolean;
}

export interface ReputationProvider {
  readonly name: "abuseipdb" | "ipqualityscore";
  /** Questions a day that the plan allows. */
  readonly dailyQuota: number;
  /** Asked only about addresses that are doubtful already. */
  readonly isCostly: boolean;
  /** Throws `ProviderError`, whatever happens. */
  check(ip: string, signal: AbortSignal): Promise<Opinion>;
}

/**
 * `quota`: not before `retryAfterMs`; `refused`: it does not accept our key; `unknown`: it cannot
 * say anything about this address; `failed`: all else.
 */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  constructor(
    readonly kind: "quota" | "refused" | "unknown" | "failed",
    message: string,
    readonly retryAfterMs = 0,
  ) {
    super(message);
  }
}

export interface ProviderOptions {
  readonly key: string;
  readonly baseUrl: URL;
  readonly dailyQuota: number;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
}

export interface Question {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly fetch: typeof globalThis.fetch;
}

const DEADLINE_MS = 1.5 * SECOND;
const BODY_BYTES_MAX = 64 * 1_024;
/** Without a word of when to come back. */
const QUOTA_PAUSE_MS = 3_600 * SECOND;

/** The JSON of the answer. Throws `ProviderError`. */
export async function askProvider(question: Question): Promise<unknown> {
  const { url, headers, signal } = question;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), DEADLINE_MS);
  try {
    const response = await question.fetch(url, {
      headers: { accept: "application/json", ...headers },
      redirect: "error",
      signal: AbortSignal.any([signal, deadline.signal]),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw errorOf(response);
    }
    return JSON.parse(await readText(response));
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    // The cause is left out: fetch and JSON quote the URL and the answer.
    const reason = deadline.signal.aborted ? "no answer in time" : "no answer that can be read";
    throw new ProviderError("failed", reason);
  } finally {
    clearTimeout(timer);
  }
}

function errorOf({ status, headers }: Response): ProviderError {
  if (status === 429 || status === 402) {
    const seconds = Number(headers.get("retry-after"));
    const pauseMs = seconds > 0 ? Math.min(seconds * SECOND, DAY) : QUOTA_PAUSE_MS;
    return new ProviderError("quota", `status ${status}`, pauseMs);
  }
  if (status === 401 || status === 403) return new ProviderError("refused", `status ${status}`);
  if (status === 400 || status === 422) return new ProviderError("unknown", `status ${status}`);
  return new ProviderError("failed", `status ${status}`);
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > BODY_BYTES_MAX) throw new ProviderError("failed", "the answer is too large");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
