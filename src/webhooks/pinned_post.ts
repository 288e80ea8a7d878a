/**
 * One POST to an address that was checked, under the host's own name: TLS asks for and verifies that
 * name. `fetch` cannot be told where to connect, so this goes through `node:https`. Redirects are
 * not followed, and of the answer only its beginning is read.
 */
import { request as requestHttp } from "node:http";
import { request as requestHttps, type RequestOptions } from "node:https";
import { hostOf, isAddress } from "./target.ts";

export interface PinnedRequest {
  readonly url: URL;
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

export interface PinnedAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** At most 1 KiB of the body. */
  readonly text: string;
}

const ANSWER_MAX = 1_024;

/** @param authorities PEM certificates to trust in place of the public ones; for tests. */
export function postPinned(
  { url, address, headers, body, signal }: PinnedRequest,
  authorities?: readonly string[],
): Promise<PinnedAnswer> {
  const host = hostOf(url);
  const options: RequestOptions = {
    method: "POST",
    host: address,
    port: url.port || undefined,
    path: url.pathname + url.search,
    headers: {
      ...headers,
      host: url.host,
      "content-length": new TextEncoder().encode(body).length,
    },
    // A connection of its own: a kept one would belong to whatever address it was made to.
    agent: false,
    ...(isAddress(host) ? {} : { servername: host }),
    ...(authorities ? { ca: [...authorities] } : {}),
  };
  const request = (url.protocol === "https:" ? requestHttps : requestHttp)(options);
  return new Promise((resolve, reject) => {
    let text = "";
    /** There once the head has come; from then on the rest of the body can only add words. */
    let answer: (() => void) | undefined;
    const breakOff = (error: unknown) => {
      if (answer) answer();
      else reject(error);
      request.destroy();
    };
    request.on("error", breakOff);
    // Not left to the request: Deno 2.5 forgets the signal once the head has come.
    signal.addEventListener("abort", () => breakOff(signal.reason), { once: true });
    request.on("response", (response) => {
      const { statusCode: status = 0, headers } = response;
      answer = () => {
        resolve({ status, retryAfter: headers["retry-after"], text: text.slice(0, ANSWER_MAX) });
        request.destroy();
      };
      if (status < 300) return answer();
      const decoder = new TextDecoder();
      response.on("data", (chunk: Uint8Array) => {
        text += decoder.decode(chunk.subarray(0, ANSWER_MAX), { stream: true });
        if (text.length >= ANSWER_MAX) answer?.();
      });
      response.on("end", answer);
      response.on("error", answer);
    });
    request.end(body);
  });
}
