/**
 * The wire format of WebSocket (RFC 6455, 5) as a client speaks it to the origin. Written here
 * because `WebSocket` can neither wait before it reads on nor pass a close code such as 1001.
 */
import type { Connection } from "./connection.ts";

export type Message =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "binary" | "ping" | "pong"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "close"; readonly code: number | undefined; readonly reason: string };

/** The origin broke the protocol; `code` is what it is told in the close frame. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  readonly code: 1002 | 1007 | 1009;

  constructor(code: 1002 | 1007 | 1009, message: string) {
    super(message);
    this.code = code;
  }
}

const OPCODES = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const CONTINUATION = 0;

/** Largest payload of ping, pong and close. */
const CONTROL_BYTES_MAX = 125;

/** One masked frame that holds a whole message. */
export function encodeFrame(
  kind: keyof typeof OPCODES,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { length } = payload;
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const start = 2 + lengthBytes + 4;
  const frame = new Uint8Array(start + length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | OPCODES[kind];
  frame[1] = 0x80 | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) view.setUint16(2, length);
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(length));
  const mask = crypto.getRandomValues(frame.subarray(start - 4, start));
  for (let at = 0; at < length; at++) frame[start + at] = payload[at] ^ mask[at & 3];
  return frame;
}

/** @param code Absent for a close frame without one. */
export function encodeClose(code: number | undefined, reason: string): Uint8Array<ArrayBuffer> {
  if (code === undefined) return encodeFrame("close", new Uint8Array());
  const text = new TextEncoder().encode(reason).subarray(0, CONTROL_BYTES_MAX - 2);
  const payload = new Uint8Array(2 + text.length);
  new DataView(payload.buffer).setUint16(0, code);
  payload.set(text, 2);
  return encodeFrame("close", payload);
}

/** Whether a close frame may carry the code (RFC 6455, 7.4). */
export function isSendableCode(code: number): boolean {
  return (code >= 1_000 && code <= 1_014 && ![1_004, 1_005, 1_006].includes(code)) ||
    (code >= 3_000 && code < 5_000);
}

interface Frame {
  readonly final: boolean;
  readonly opcode: number;
  readonly payload: Uint8Array<ArrayBuffer>;
}

export class MessageReader {
  readonly #connection: Connection;
  readonly #bytesMax: number;
  /** Frames of a message that has begun. */
  #parts: Frame[] = [];
  #bytes = 0;

  /** @param bytesMax Longest message that is put together. */
  constructor(connection: Connection, bytesMax: number) {
    this.#connection = connection;
    this.#bytesMax = bytesMax;
  }

  /**
   * @returns undefined when the origin ended the connection without saying so.
   * @throws FrameError, or what the connection throws.
   */
  async next(): Promise<Message | undefined> {
    for (let frame = await this.#frame(); frame; frame = await this.#frame()) {
      if (frame.opcode >= OPCODES.close) return controlMessage(frame);
      const isFirst = this.#parts.length === 0;
      if (isFirst === (frame.opcode === CONTINUATION)) {
        throw new FrameError(1002, "Fragments are out of order");
      }
      this.#parts.push(frame);
      this.#bytes += frame.payload.length;
      if (frame.final) return this.#message();
    }
  }

  #message(): Message {
    const parts = this.#parts;
    const bytes = join(parts.map(({ payload }) => payload), this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    if (parts[0].opcode === OPCODES.binary) return { kind: "binary", bytes };
    return { kind: "text", text: decodeText(bytes) };
  }

  async #frame(): Promise<Frame | undefined> {
    if (!await this.#has(2)) return undefined;
    const [first, second] = this.#connection.unread;
    const opcode = first & 0x0f;
    const isControl = opcode >= OPCODES.close;
    const isKnown = opcode <= OPCODES.binary || (isControl && opcode <= OPCODES.pong);
    const final = (first & 0x80) !== 0;
    const short = second & 0x7f;
    if ((first & 0x70) !== 0 || !isKnown || (second & 0x80) !== 0) {
      throw new FrameError(1002, "Cannot read a frame");
    }
    if (isControl && (!final || short > CONTROL_BYTES_MAX)) {
      throw new FrameError(1002, "A control frame is too long");
    }
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    if (!await this.#has(2 + lengthBytes)) return undefined;
    const length = lengthBytes === 0 ? short : this.#length(lengthBytes);
    this.#connection.consume(2 + lengthBytes);
    if (length + (isControl ? 0 : this.#bytes) > this.#bytesMax) {
      throw new FrameError(1009, "A message is too long");
    }
    const payload = await this.#payload(length);
    return payload && { final, opcode, payload };
  }

  #length(bytes: 2 | 8): number {
    const { buffer, byteOffset } = this.#connection.unread;
    const view = new DataView(buffer, byteOffset + 2);
    return bytes === 2 ? view.getUint16(0) : Number(view.getBigUint64(0));
  }

  async #has(bytes: number): Promise<boolean> {
    while (this.#connection.unread.length < bytes) {
      if (!await this.#connection.fill()) return false;
    }
    return true;
  }

  async #payload(length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    for (let left = length; left > 0;) {
      const piece = await this.#connection.read(left);
      if (piece === null) return undefined;
      pieces.push(piece);
      left -= piece.length;
    }
    return join(pieces, length);
  }
}

function controlMessage({ opcode, payload }: Frame): Message {
  if (opcode === OPCODES.ping) return { kind: "ping", bytes: payload };
  if (opcode === OPCODES.pong) return { kind: "pong", bytes: payload };
  if (payload.length === 0) return { kind: "close", code: undefined, reason: "" };
  const code = payload.length === 1
    ? 0
    : new DataView(payload.buffer, payload.byteOffset).getUint16(0);
  if (!isSendableCode(code)) throw new FrameError(1002, "Cannot read a close frame");
  return { kind: "close", code, reason: decodeText(payload.subarray(2)) };
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FrameError(1007, "A text is not UTF-8");
  }
}

function join(pieces: readonly Uint8Array<ArrayBuffer>[], length: number): Uint8Array<ArrayBuffer> {
  if (pieces.length === 1) return pieces[0];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
