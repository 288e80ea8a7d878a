/**
 * Takes a multipart body apart, piece by piece as it arrives, with the same result however it is
 * cut (RFC 2046 5.1.1). A delimiter stands at the start of a line, never inside one; where lines end
 * in more than one way, or something is nearly a delimiter, readers differ, and this one says so.
 */

export interface PartSink {
  /** A part begins; its head, without the empty line after it. The bytes are the sink's until it returns. */
  head(head: Uint8Array): void;
  /** A piece of that part's content. */
  content(piece: Uint8Array): void;
  /** The part is complete. */
  end(): void;
  /** Text before the first part or after the last. */
  outside(piece: Uint8Array): void;
  /** `mixed`: lines end in several ways. `ambiguous`: readers disagree on where parts end. */
  odd(what: "mixed" | "ambiguous"): void;
}

type LineEnd = "\r\n" | "\n" | "\r";
type Place = "outside" | "head" | "content";

interface Delimiter {
  readonly end: number;
  readonly closes: boolean;
  readonly lineEnd: LineEnd | undefined;
}

const CR = 13;
const LF = 10;
const DASH = 45;
const HEAD_BYTES_MAX = 16_384;
const LINE_BYTES_MAX = 4_096;
const PADDING_MAX = 64;
/** More bytes are needed to tell. */
const WAIT = "wait";

export class PartReader {
  readonly #mark: Uint8Array;
  readonly #sink: PartSink;
  #kept: Uint8Array = new Uint8Array();
  /** Where in the bytes at hand the undecided end of a text begins. */
  #keep = 0;
  #place: Place = "outside";
  #atLineStart = true;
  #isLast = false;
  #isStopped = false;
  /** How the lines of delimiters and heads end; set by the first delimiter. */
  #lineEnd: LineEnd | undefined;
  /** One array for all heads: a body has thousands. */
  readonly #head = new Uint8Array(HEAD_BYTES_MAX + 2);
  #headBytes = 0;

  /** @param boundary Its characters stand for the bytes of the same number. */
  constructor(boundary: string, sink: PartSink) {
    const mark = `--${boundary}`;
    this.#mark = new Uint8Array(mark.length);
    for (let at = 0; at < mark.length; at++) this.#mark[at] = mark.charCodeAt(at);
    this.#sink = sink;
  }

  push(piece: Uint8Array): void {
    if (this.#isStopped) return;
    const bytes = this.#kept.length === 0 ? piece : joined(this.#kept, piece);
    this.#kept = bytes.subarray(this.#read(bytes));
  }

  /** No more is wanted, though more may come. */
  stop(): void {
    this.#isStopped = true;
  }

  /** No more comes. */
  finish(): void {
    this.#isLast = true;
    this.push(new Uint8Array());
    if (this.#place === "head") this.#endHead();
    if (this.#place === "content") this.#sink.end();
    this.#place = "outside";
  }

  /** Returns up to where `bytes` are dealt with. */
  #read(bytes: Uint8Array): number {
    let from = 0;
    let next: number | typeof WAIT = 0;
    while (next !== WAIT && from < bytes.length && !this.#isStopped) {
      next = this.#place === "head" ? this.#readHeadLine(bytes, from) : this.#readText(bytes, from);
      if (next !== WAIT) from = next;
      else if (this.#place !== "head") return this.#keep;
    }
    return from;
  }

  #readText(bytes: Uint8Array, from: number): number | typeof WAIT {
    // `breakAt` is where the line end before `at` begins: it belongs to a delimiter that follows.
    let breakAt = from;
    let at = from;
    let lineEnd: LineEnd | undefined;
    for (let starts = this.#atLineStart;;) {
      if (starts) {
        const found = this.#delimiterAt(bytes, at);
        if (found === WAIT) return this.#pause(bytes, from, breakAt, lineEnd === undefined);
        if (found) return this.#delimited(bytes.subarray(from, breakAt), found, lineEnd);
      }
      at = this.#nextBreak(bytes, at);
      breakAt = at;
      const ended = at < bytes.length ? this.#lineEndAt(bytes, at) : undefined;
      if (ended === undefined || ended === WAIT) return this.#pause(bytes, from, at, false);
      lineEnd = ended;
      at += ended.length;
      starts = true;
    }
  }

  /** Hands on what is certain to be content, and keeps the rest for the next piece. */
  #pause(bytes: Uint8Array, from: number, until: number, atLineStart: boolean): typeof WAIT {
    this.#emit(bytes.subarray(from, until));
    this.#keep = until;
    this.#atLineStart = atLineStart;
    return WAIT;
  }

  #delimited(text: Uint8Array, { end, closes, lineEnd }: Delimiter, before?: LineEnd): number {
    this.#emit(text);
    this.#lineEnd ??= lineEnd;
    this.#heed(lineEnd);
    this.#heed(before);
    if (this.#place === "content") this.#sink.end();
    this.#place = closes ? "outside" : "head";
    this.#atLineStart = !closes || lineEnd !== undefined;
    return end;
  }

  #emit(text: Uint8Array): void {
    if (text.length === 0) return;
    if (this.#place === "content") this.#sink.content(text);
    else this.#sink.outside(text);
  }

  #readHeadLine(bytes: Uint8Array, from: number): number | typeof WAIT {
    const delimiter = this.#delimiterAt(bytes, from);
    if (delimiter === WAIT) return WAIT;
    if (delimiter) {
      // A part without an empty line, and so without content.
      this.#endHead();
      return this.#delimited(bytes.subarray(from, from), delimiter);
    }
    const at = this.#nextBreak(bytes, from);
    const room = Math.min(LINE_BYTES_MAX, Math.max(0, HEAD_BYTES_MAX - this.#headBytes));
    if (at - from > room) return this.#giveUpHead(bytes, from, from + room);
    const lineEnd = at < bytes.length ? this.#lineEndAt(bytes, at) : undefined;
    if (lineEnd === WAIT || (lineEnd === undefined && !this.#isLast)) return WAIT;
    this.#heed(lineEnd);
    if (at > from) this.#keepHeadLine(bytes, from, at);
    else this.#endHead();
    // Content begins at a line's start: a delimiter may follow at once.
    this.#atLineStart = true;
    return at + (lineEnd?.length ?? 0);
  }

  /** A head without end: what follows is taken for content. */
  #giveUpHead(bytes: Uint8Array, from: number, end: number): number {
    this.#sink.odd("ambiguous");
    this.#keepHeadLine(bytes, from, end);
    this.#endHead();
    this.#atLineStart = false;
    return end;
  }

  #keepHeadLine(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at++) this.#head[this.#headBytes++] = bytes[at];
    this.#head[this.#headBytes++] = LF;
  }

  #endHead(): void {
    const sizeBytes = this.#headBytes;
    this.#headBytes = 0;
    this.#sink.head(this.#head.subarray(0, sizeBytes));
    this.#place = "content";
  }

  /** The delimiter at a line's start, `undefined` when there is none. */
  #delimiterAt(bytes: Uint8Array, from: number): Delimiter | typeof WAIT | undefined {
    const mark = this.#mark;
    for (let i = 0; i < mark.length; i++) {
      if (from + i >= bytes.length) return this.#isLast ? undefined : WAIT;
      if (bytes[from + i] !== mark[i]) return undefined;
    }
    let at = from + mark.length;
    const closes = bytes[at] === DASH && bytes[at + 1] === DASH;
    if (bytes[at] === DASH && at + 1 >= bytes.length && !this.#isLast) return WAIT;
    if (closes) at += 2;
    const padded = Math.min(at + PADDING_MAX, bytes.length);
    while (at < padded && (bytes[at] === 32 || bytes[at] === 9)) at++;
    if (at >= bytes.length) return this.#isLast ? { end: at, closes, lineEnd: undefined } : WAIT;
    const lineEnd = this.#lineEndAt(bytes, at);
    if (lineEnd === WAIT) return WAIT;
    if (lineEnd) return { end: at + lineEnd.length, closes, lineEnd };
    // Some readers end the part here, others read on.
    this.#sink.odd("ambiguous");
    return closes ? { end: at, closes, lineEnd } : undefined;
  }

  #nextBreak(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length && bytes[at] !== LF && bytes[at] !== CR) at++;
    return at;
  }

  #lineEndAt(bytes: Uint8Array, at: number): LineEnd | typeof WAIT | undefined {
    if (bytes[at] === LF) return "\n";
    if (bytes[at] !== CR) return undefined;
    if (at + 1 >= bytes.length && !this.#isLast) return WAIT;
    return bytes[at + 1] === LF ? "\r\n" : "\r";
  }

  #heed(lineEnd: LineEnd | undefined): void {
    if (lineEnd === "\r") this.#sink.odd("ambiguous");
    else if (lineEnd !== undefined && lineEnd !== this.#lineEnd) this.#sink.odd("mixed");
  }
}

function joined(start: Uint8Array, end: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(start.length + end.length);
  bytes.set(start);
  bytes.set(end, start.length);
  return bytes;
}
