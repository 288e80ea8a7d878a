/**
 * A client that shows every byte: it writes requests as they are told and reads answers without
 * decoding, joining or following anything. Written apart from src/, so that one cannot agree with
 * the other about a mistake.
 */

export type Fields = readonly (readonly [name: string, value: string])[];

export interface Head {
  readonly status: number;
  readonly fields: Fields;
}

export interface Reply extends Head {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Whether the body ended where the head said it would. */
  readonly complete: boolean;
  readonly text: string;
  field(name: string): string | undefined;
  all(name: string): string[];
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Fields;
  readonly body?: Uint8Array | string;
  /** Sends the body in chunks of this many bytes instead of with a length. */
  readonly chunkBytes?: number;
}

const ENCODER = new TextEncoder();

/** One character a byte. */
export const bytesOf = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
export const textOf = (bytes: Uint8Array) => {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8_192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  }
  return text;
};

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** One request on a connection of its own. */
export async function ask(url: string, target: string, options: AskOptions = {}): Promise<Reply> {
  using line = await Line.open(url);
  return await line.ask(target, options);
}

/** One connection to the gateway. */
export class Line implements Disposable {
  #unread: Uint8Array = new Uint8Array();
  readonly #conn: Deno.Conn;
  readonly #host: string;

  private constructor(conn: Deno.Conn, host: string) {
    this.#conn = conn;
    this.#host = host;
  }

  static async open(url: string): Promise<Line> {
    const { hostname, port, host } = new URL(url);
    return new Line(await Deno.connect({ hostname, port: Number(port) }), host);
  }

  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? bytesOf(data) : data;
    for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
  }

  /** Sends a request and reads its answer to the end. */
  async ask(target: string, options: AskOptions = {}): Promise<Reply> {
    await this.send(target, options);
    return await this.reply(options.method);
  }

  async send(target: string, options: AskOptions = {}): Promise<void> {
    const { method = "GET", headers = [], chunkBytes } = options;
    const body = typeof options.body === "string" ? ENCODER.encode(options.body) : options.body;
    let head = `${method} ${target} HTTP/1.1\r\n`;
    if (!headers.some(([name]) => name.toLowerCase() === "host")) head += `Host: ${this.#host}\r\n`;
    for (const [name, value] of headers) head += `${name}: ${value}\r\n`;
    if (body && chunkBytes) head += "Transfer-Encoding: chunked\r\n";
    else if (body) head += `Content-Length: ${body.length}\r\n`;
    await this.write(`${head}\r\n`);
    if (!body) return;
    if (!chunkBytes) return await this.write(body);
    for (let at = 0; at < body.length; at += chunkBytes) {
      await this.writeChunk(body.subarray(at, at + chunkBytes));
    }
    await this.write("0\r\n\r\n");
  }

  async writeChunk(bytes: Uint8Array): Promise<void> {
    await this.write(`${bytes.length.toString(16)}\r\n`);
    await this.write(bytes);
    await this.write("\r\n");
  }

  /** The final answer, read to its end or to where the connection broke. */
  async reply(method = "GET"): Promise<Reply> {
    const head = await this.head();
    const pieces: Uint8Array[] = [];
    const complete = await this.#readBody(head, method, (piece) => pieces.push(piece));
    const body = new Uint8Array(await new Blob(pieces.map((piece) => piece.slice())).arrayBuffer());
    const all = (wanted: string) =>
      head.fields.flatMap(([name, value]) => name.toLowerCase() === wanted ? [value] : []);
    return { ...head, body, complete, text: textOf(body), all, field: (name) => all(name)[0] };
  }

  /** Reads a body and throws it away. Returns how many bytes it had. */
  async drain(head: Head): Promise<number> {
    let bytes = 0;
    const complete = await this.#readBody(head, "GET", (piece) => bytes += piece.length);
    if (!complete) throw new Error(`The body broke off after ${bytes} bytes`);
    return bytes;
  }

  /** The head of the next answer that is not an interim one. */
  async head(): Promise<Head> {
    for (;;) {
      const text = await this.until("\r\n\r\n");
      const [first, ...lines] = text.split("\r\n").filter((line) => line !== "");
      const status = Number(first.split(" ")[1]);
      if (status < 200 && status !== 101) continue;
      const fields = lines.map((line) => {
        const colon = line.indexOf(":");
        return [
          line.slice(0, colon),
          line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, ""),
        ] as const;
      });
      return { status, fields };
    }
  }

  /** Text up to and with `end`, one character a byte. Fails at the end of the connection. */
  async until(end: string): Promise<string> {
    const wanted = bytesOf(end);
    const isAt = (at: number) => wanted.every((byte, i) => this.#unread[at + i] === byte);
    for (let from = 0;;) {
      let at = this.#unread.indexOf(wanted[0], from);
      while (at !== -1 && !isAt(at)) at = this.#unread.indexOf(wanted[0], at + 1);
      if (at !== -1) {
        const text = textOf(this.#unread.subarray(0, at + wanted.length));
        this.#unread = this.#unread.subarray(at + wanted.length);
        return text;
      }
      from = Math.max(0, this.#unread.length - wanted.length + 1);
      const more = await this.#more();
      if (more === null) throw new Deno.errors.UnexpectedEof(textOf(this.#unread));
      this.#unread = joined(this.#unread, more);
    }
  }

  /** What comes next, however much it is; null at the end. */
  async some(): Promise<Uint8Array | null> {
    const unread = this.#unread;
    this.#unread = new Uint8Array();
    return unread.length > 0 ? unread : await this.#more();
  }

  async #more(): Promise<Uint8Array<ArrayBuffer> | null> {
    const bytes = new Uint8Array(65_536);
    try {
      const count = await this.#conn.read(bytes);
      return count === null ? null : bytes.subarray(0, count);
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    }
  }

  async #readBody(head: Head, method: string, take: (piece: Uint8Array) => void) {
    if (method === "HEAD" || head.status === 204 || head.status === 304) return true;
    const field = (wanted: string) =>
      head.fields.find(([name]) => name.toLowerCase() === wanted)?.[1];
    const length = field("content-length");
    if (length !== undefined) return await this.#take(Number(length), take);
    if (field("transfer-encoding") === "chunked") return await this.#takeChunks(take);
    for (let piece = await this.some(); piece; piece = await this.some()) take(piece);
    return true;
  }

  async #takeChunks(take: (piece: Uint8Array) => void): Promise<boolean> {
    try {
      for (;;) {
        const size = parseInt(await this.until("\r\n"), 16);
        if (size === 0) return await this.until("\r\n") === "\r\n";
        if (!await this.#take(size, take)) return false;
        await this.until("\r\n");
      }
    } catch (error) {
      if (error instanceof Deno.errors.UnexpectedEof) return false;
      throw error;
    }
  }

  async #take(bytes: number, take: (piece: Uint8Array) => void): Promise<boolean> {
    for (let left = bytes; left > 0;) {
      const piece = await this.some();
      if (piece === null) return false;
      take(piece.subarray(0, left));
      if (piece.length > left) this.#unread = piece.subarray(left);
      left -= piece.length;
    }
    return true;
  }

  [Symbol.dispose](): void {
    try {
      this.#conn.close();
    } catch {
      // Closed by the other side's reset.
    }
  }
}
