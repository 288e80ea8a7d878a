/**
 * Reads the head of an origin's answer: its status, its fields, and how long its body is. Lenient
 * where old servers differ in looks only; anything that two readers could take for two different
 * answers is refused, because a gateway that guesses can be made to guess wrong.
 */
import { bindsConnection } from "./connection_auth.ts";
import type { Field } from "./hop_headers.ts";

/** How the end of a body is found (RFC 9112, 6.3). */
export type BodyLength =
  | { readonly until: "length"; readonly bytes: number }
  | { readonly until: "last-chunk" }
  | { readonly until: "close" };

export interface AnswerHead {
  /** 100 to 599. */
  readonly status: number;
  /** Names in lower case, values as they came, one character a byte. */
  readonly fields: readonly Field[];
  readonly length: BodyLength;
  /** Whether the connection may carry another request after this one. */
  readonly keepAlive: boolean;
}

/** The origin said something that is not HTTP, or that could be read in two ways. */
export class MalformedAnswer extends Error {
  override readonly name = "MalformedAnswer";
}

/** Position behind the empty line that ends a head, or -1 while it has not come. */
export function findHeadEnd(bytes: Uint8Array): number {
  let line = bytes.indexOf(LF);
  while (line !== -1) {
    if (bytes[line + 1] === LF) return line + 2;
    if (bytes[line + 1] === CR && bytes[line + 2] === LF) return line + 3;
    line = bytes.indexOf(LF, line + 1);
  }
  return -1;
}

const LF = 10;
const CR = 13;

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |$)/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/**
 * @param text The head, one character a byte, with or without its last empty line.
 * @param method Of the request: an answer to HEAD has no body, whatever it says.
 * @throws MalformedAnswer
 */
export function parseAnswerHead(text: string, method: string): AnswerHead {
  const [first, ...lines] = text.split(/\r?\n/);
  const match = STATUS_LINE.exec(first);
  if (!match) throw new MalformedAnswer("Cannot read the status line");
  const status = Number(match[2]);
  const fields = parseFields(lines);
  const framing = framingOf(fields);
  const hasBody = method !== "HEAD" && status >= 200 && status !== 204 && status !== 304;
  const length = hasBody ? bodyLength(framing) : NO_BODY;
  const persists = match[1] === "1"
    ? !framing.connection.includes("close")
    : framing.connection.includes("keep-alive");
  // Both fields at once are how one answer is smuggled inside another (RFC 9112, 6.1).
  const ambiguous = framing.coding !== undefined && framing.length !== undefined;
  return {
    status,
    // A length that is not the one we read by would cut or stall the client's body.
    fields: ambiguous ? fields.filter(([name]) => name !== "content-length") : fields,
    length,
    keepAlive: persists && length.until !== "close" && !ambiguous && !framing.isBound,
  };
}

function parseFields(lines: readonly string[]): Field[] {
  const fields: Field[] = [];
  for (const line of lines) {
    if (line === "") break;
    const folded = fields.at(-1);
    if (/^[ \t]/.test(line) && folded) {
      fields[fields.length - 1] = [folded[0], `${folded[1]} ${readValue(folded[0], line)}`];
      continue;
    }
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trimEnd().toLowerCase();
    if (colon < 1 || !TOKEN.test(name)) throw new MalformedAnswer("Cannot read a header field");
    fields.push([name, readValue(name, line.slice(colon + 1))]);
  }
  return fields;
}

/** The control characters. One of them in an answer's field ends Deno's process, all of it. */
// deno-lint-ignore no-control-regex -- control characters are what it looks for
const CONTROLS = /[\0-\x08\x0a-\x1f\x7f]+/g;

/** What these say decides where the message ends, so nothing in them is overlooked. */
const FRAMING = new Set(["connection", "content-length", "transfer-encoding"]);

/** A value with spaces for what may not stand in it, as RFC 9110, 5.5 has it. */
function readValue(name: string, text: string): string {
  const value = trim(text);
  if (value.search(CONTROLS) === -1) return value;
  if (/[\0\r]/.test(value) || FRAMING.has(name)) {
    throw new MalformedAnswer("Cannot read a header field");
  }
  return trim(value.replace(CONTROLS, " "));
}

/** Not `String.trim`, which would take the last byte of "à" in UTF-8 for a space. */
const trim = (text: string) => text.replace(/^[ \t]+|[ \t]+$/g, "");

/** What the fields say about the message itself. */
interface Framing {
  length?: string;
  coding?: string;
  connection: string;
  /** Whether the connection may from now on be one user's. */
  isBound: boolean;
}

function framingOf(fields: readonly Field[]): Framing {
  const framing: Framing = { connection: "", isBound: false };
  for (const [name, value] of fields) {
    if (name === "connection") framing.connection += ` ${value.toLowerCase()}`;
    else if (name === "content-length") framing.length = once(framing.length, value);
    else if (name === "transfer-encoding") framing.coding = once(framing.coding, value);
    else if (name === "www-authenticate" || name === "proxy-authenticate") {
      framing.isBound ||= bindsConnection(value);
    } else if (name === "persistent-auth") framing.isBound = true;
  }
  return framing;
}

function once(earlier: string | undefined, value: string): string {
  if (earlier !== undefined) throw new MalformedAnswer("Cannot tell how long the body is");
  return value;
}

function bodyLength({ coding, length }: Framing): BodyLength {
  if (coding?.toLowerCase() === "chunked") return { until: "last-chunk" };
  if (coding !== undefined) {
    throw new MalformedAnswer("Cannot read a body in another transfer coding than chunked");
  }
  if (length === undefined) return { until: "close" };
  if (!/^\d{1,15}$/.test(length)) throw new MalformedAnswer("Cannot tell how long the body is");
  return { until: "length", bytes: Number(length) };
}

const NO_BODY: BodyLength = { until: "length", bytes: 0 };
