/** HTTP as bytes on a socket: what `fetch` hides or refuses to send. */

export interface RawAnswer {
  readonly status: number;
  /** Header lines as they came, names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** Whether the connection ended before the body was complete. */
  readonly cut: boolean;
}

const decoder = new TextDecoder("latin1");
const HEAD_END = "\r\n\r\n";

/** Sends bytes and reads one answer, however it is framed. Gives up after 10 s. */
export async function sendRaw(url: string, request: string): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const late = setTimeout(() => connection.close(), 10_000);
  try {
    await connection.write(new TextEncoder().encode(request));
    return parse(await readAll(connection), request.startsWith("HEAD"));
  } finally {
    clearTimeout(late);
  }
}

/** Until the other side closes: every request of these tests asks it to. */
async function readAll(connection: Deno.Conn): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const buffer = new Uint8Array(65_536);
  try {
    for (;;) {
      const count = await connection.read(buffer);
      if (count === null) break;
      chunks.push(buffer.slice(0, count));
    }
  } catch {
    // A reset is how a cut connection ends; what came before it is judged.
  }
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

function parse(bytes: Uint8Array, bodiless: boolean): RawAnswer {
  const text = decoder.decode(bytes);
  const end = text.indexOf(HEAD_END);
  const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const field = (name: string) => headers.find(([known]) => known === name)?.[1];
  const raw = bytes.subarray(end + HEAD_END.length);
  const status = Number(statusLine.split(" ")[1]);
  if (bodiless) return { status, headers, body: raw, cut: false };
  if (field("transfer-encoding") === "chunked") return { status, headers, ...unchunk(raw) };
  const length = Number(field("content-length") ?? raw.length);
  return { status, headers, body: raw.subarray(0, length), cut: raw.length < length };
}

function unchunk(raw: Uint8Array): { body: Uint8Array; cut: boolean } {
  const parts: number[] = [];
  const text = decoder.decode(raw);
  let at = 0;
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    const size = lineEnd === -1 ? NaN : parseInt(text.slice(at, lineEnd), 16);
    if (size === 0) return { body: new Uint8Array(parts), cut: false };
    const start = lineEnd + 2;
    if (Number.isNaN(size) || start + size > raw.length) {
      return { body: new Uint8Array(parts), cut: true };
    }
    for (let i = start; i < start + size; i++) parts.push(raw[i]);
    at = start + size + 2;
  }
}
