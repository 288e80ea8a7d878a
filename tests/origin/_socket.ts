/** A connection without a network: says what it is told to, and keeps what it is sent. */
import type { Socket } from "../../src/origin/connection.ts";

export interface TestSocket extends Socket {
  /** What was written so far, one character a byte. */
  readonly written: string;
  readonly isClosed: boolean;
  /** Says something; a pending read gets it. */
  say(text: string): void;
  sayBytes(bytes: Uint8Array<ArrayBuffer>): void;
  /** Ends the other side. */
  end(): void;
}

/** @param says What can be read at first, each piece by a read of its own at least. */
export function createTestSocket(...says: readonly string[]): TestSocket {
  const unread: Uint8Array[] = says.map(bytesOf);
  let written = "";
  let ended = false;
  let closed = false;
  let wake: () => void = () => {};
  const sayBytes = (bytes: Uint8Array<ArrayBuffer>) => {
    unread.push(bytes);
    wake();
  };
  return {
    get written() {
      return written;
    },
    get isClosed() {
      return closed;
    },
    sayBytes,
    say: (text) => sayBytes(bytesOf(text)),
    end() {
      ended = true;
      wake();
    },
    async read(into) {
      if (closed) throw new Deno.errors.BadResource("closed");
      while (unread.length === 0 && !ended && !closed) {
        await new Promise<void>((resolve) => wake = resolve);
      }
      const piece = unread.shift();
      // What a read was given before the close stays given, as with the runtime's own.
      if (piece === undefined && closed) throw new Deno.errors.BadResource("closed");
      if (piece === undefined) return null;
      into.set(piece.subarray(0, into.length));
      if (piece.length > into.length) unread.unshift(piece.subarray(into.length));
      return Math.min(piece.length, into.length);
    },
    write(bytes) {
      if (closed) return Promise.reject(new Deno.errors.BadResource("closed"));
      // Some of it, as the network does.
      const taken = bytes.subarray(0, 40_000);
      for (const byte of taken) written += String.fromCharCode(byte);
      return Promise.resolve(taken.length);
    },
    close() {
      if (closed) throw new Deno.errors.BadResource("closed before");
      closed = true;
      wake();
    },
  };
}

export const bytesOf = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
export const textOf = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

/** Lets everything that can go on do so. */
export const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
