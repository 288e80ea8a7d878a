/**
 * The only way to a live site: reads alone (GET, HEAD, OPTIONS), a bounded number of them, each and
 * all together within a time, never more than a piece of the answer. Redirects are answers.
 */
import { type Clock, SECOND } from "../time.ts";

export interface ProbeOptions {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** Of one request, in milliseconds; 10 s when absent. */
  readonly timeoutMs?: number;
  /** Of all requests; 60 s when absent. */
  readonly totalMs?: number;
  /** 40 when absent. */
  readonly requestsMax?: number;
}

export interface Question {
  readonly method?: "GET" | "HEAD" | "OPTIONS";
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer whose body was read as far as `TEXT_BYTES_MAX`. */
export interface Answer {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Probe {
  /** Throws `ProbeError` when there is no answer, or no more may be asked. */
  ask(url: URL, question?: Question): Promise<Answer>;
  /** Requests sent so far. */
  readonly requests: number;
}

/** No answer; the message says why, in words for the report. */
export class ProbeError extends Error {
  override readonly name = "ProbeError";
}

export const REQUESTS_MAX = 40;
const TIMEOUT_MS = 10 * SECOND;
const TOTAL_MS = 60 * SECOND;
const TEXT_BYTES_MAX = 256 * 1024;

/** Like a browser's, as a page for machines may have other headers. */
const ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.8";
const AGENT = "Gatehouse-verify/1 (security self-check)";

export function createProbe(options: ProbeOptions): Probe {
  const { fetch, clock } = options;
  const { timeoutMs = TIMEOUT_MS, totalMs = TOTAL_MS, requestsMax = REQUESTS_MAX } = options;
  const startedAt = clock.monotonic();
  let requests = 0;

  return {
    get requests() {
      return requests;
    },
    async ask(url, { method = "GET", headers } = {}) {
      const leftMs = startedAt + totalMs - clock.monotonic();
      if (requests >= requestsMax) throw new ProbeError(`Not asked after ${requests} requests`);
      if (leftMs <= 0) throw new ProbeError(`Not asked after ${totalMs / SECOND} seconds`);
      requests++;
      try {
        const response = await fetch(url, {
          method,
          headers: { accept: ACCEPT, "user-agent": AGENT, ...headers },
          redirect: "manual",
          signal: AbortSignal.timeout(Math.ceil(Math.min(timeoutMs, leftMs))),
        });
        const { status } = response;
        return { url, status, headers: response.headers, text: await readStart(response) };
      } catch (error) {
        throw new ProbeError(`No answer from ${url}: ${reasonOf(error)}`, { cause: error });
      }
    },
  };
}

async function readStart({ body }: Response): Promise<string> {
  if (!body) return "";
  const decoder = new TextDecoder();
  let text = "";
  let sizeBytes = 0;
  // Leaving the loop cancels the rest.
  for await (const chunk of body) {
    sizeBytes += chunk.byteLength;
    text += decoder.decode(chunk, { stream: true });
    if (sizeBytes >= TEXT_BYTES_MAX) break;
  }
  return text;
}

/** What `fetch` says is in the cause of its error, or in that one's cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}
