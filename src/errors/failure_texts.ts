/**
 * Failures that only their text tells, as Deno 2.5 to 2.9, nodemailer and the Node layer write it;
 * the first that fits counts. KV comes before the network, because a remote KV quotes it.
 */
import type { FailureCode } from "./failures.ts";

const FAILURE_TEXTS: readonly (readonly [RegExp, FailureCode])[] = [
  [/database (table )?is locked/, "KV_LOCKED"],
  [
    /unable to open database file|file is not a database|disk image is malformed/,
    "KV_FILE_UNUSABLE",
  ],
  [/disk I\/O error/, "KV_IO"],
  [/Could not open Deno KV|txnproxy|KV Connect/, "KV_UNREACHABLE"],
  [/Bad resource ID/, "KV_CLOSED"],
  [/^(Value|Key|Total \w+ size) too large/, "KV_MISUSE"],
  [
    /^Too many (checks|mutations|ranges|entries|keys)|non-U64|^A? ?KV (key|value|commit|counter) /,
    "KV_MISUSE",
  ],
  [/Queue backlog limit exceeded/, "QUEUE_FULL"],
  [/dns error|failed to lookup address|no records found|getaddrinfo/, "DNS_FAILED"],
  [/Connection refused|ECONNREFUSED/, "CONNECTION_REFUSED"],
  [/certificate|corrupt message|\b[Tt]ls\b|\bTLS|SSL|handshake/, "TLS_FAILED"],
  [/closed before message|error reading a body|Connection reset|Broken pipe/, "CONNECTION_LOST"],
  [/Connection closed|socket hang up|unexpected EOF/, "CONNECTION_LOST"],
  [/invalid HTTP|Parse Error/, "NOT_HTTP"],
  [/number of redirects|Encountered redirect/, "REDIRECT_REFUSED"],
  [/Requests to port \d+ are blocked/, "PORT_BLOCKED"],
  [/timed out|deadline has elapsed|Timeout|timeout/, "TIMED_OUT"],
  [/Malformed JSON|valid JSON|in JSON at|JSON input/, "JSON_SYNTAX"],
  [/Invalid URL|Url scheme/, "URL_INVALID"],
  [/[Ii]nvalid header (name|value)/, "HEADER_INVALID"],
  [/encoded data (is|was) not valid|[Ii]nvalid (utf-8|UTF-8)/, "ENCODING_INVALID"],
  [/gzip|deflate|unexpected end of file|brotli/, "COMPRESSION_INVALID"],
  [/MultipartParser|form data/, "FORM_INVALID"],
  [/could not be cloned|circular structure|serialize a BigInt/, "NOT_SERIALIZABLE"],
  [/No such file or directory|os error 2\)/, "FILE_UNUSABLE"],
  [/No space left/, "DISK_FULL"],
  [/^Cannot read propert|is not a function|is not iterable|is not defined/, "BUG"],
  [/Maximum call stack|Invalid (array|string) length|Invalid time value/, "BUG"],
];

/** Longer texts quote something, and what they quote says nothing about what went wrong. */
const LOOKED_AT = 400;

export function failureOfText(message: string): FailureCode | undefined {
  const text = message.slice(0, LOOKED_AT);
  return FAILURE_TEXTS.find(([pattern]) => pattern.test(text))?.[1];
}

/** What is left when neither the error nor its causes said more. */
export function failureOfClass(name: string, message: string): FailureCode {
  if (/^fetch failed/i.test(message)) return "NETWORK_FAILED";
  return ["TypeError", "RangeError", "SyntaxError"].includes(name) ? "BUG" : "UNKNOWN";
}
