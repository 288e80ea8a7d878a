/**
 * An origin that answers `/odd/XX` with the byte XX in its fields, and everything else with a small
 * page. Speaks HTTP by hand, because no library would send such fields. Prints its port.
 */
const PAGE = new TextEncoder().encode("<!doctype html><title>Shop</title><p>Hello.".padEnd(2_000));

async function serve(connection: Deno.Conn): Promise<void> {
  let pending = new Uint8Array();
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const end = headEnd(pending);
    if (end === -1) {
      const count = await connection.read(buffer);
      if (count === null) return connection.close();
      pending = joined(pending, buffer.subarray(0, count));
      continue;
    }
    const head = new TextDecoder().decode(pending.subarray(0, end));
    pending = pending.subarray(end);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    for (let left = length - pending.length; left > 0;) {
      const count = await connection.read(buffer);
      if (count === null) return connection.close();
      left -= count;
    }
    pending = pending.subarray(Math.min(length, pending.length));
    await write(connection, answerTo(head));
  }
}

function answerTo(head: string): Uint8Array {
  const odd = /^\w+ \/odd\/([0-9a-f]{2})/.exec(head)?.[1];
  const fields = odd === undefined
    ? ""
    : `Location: /${byte(odd)}home\r\nX-Odd: a${byte(odd)}b\r\n`;
  const status = odd === undefined ? "200 OK" : "302 Found";
  const start = `HTTP/1.1 ${status}\r\nContent-Type: text/html\r\n${fields}`;
  return joined(latin1(`${start}Content-Length: ${PAGE.length}\r\n\r\n`), PAGE);
}

const byte = (hex: string) => String.fromCharCode(parseInt(hex, 16));
const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function headEnd(bytes: Uint8Array): number {
  const text = new TextDecoder("latin1").decode(bytes);
  const at = text.indexOf("\r\n\r\n");
  return at === -1 ? -1 : at + 4;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

async function write(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(JSON.stringify({ port: (listener.addr as Deno.NetAddr).port }));
for await (const connection of listener) serve(connection).catch(() => connection.close());
