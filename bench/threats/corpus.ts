/** The labelled development corpus, as requests that the engine can score. */
import { rawTarget, type RequestHead } from "../../src/threats/request_head.ts";
import type { RequestBody } from "../../src/threats/body/read.ts";

export interface Sample {
  readonly id: string;
  readonly attack: boolean;
  readonly kind: string;
  readonly tier: string;
  readonly head: RequestHead;
  readonly body: RequestBody | undefined;
  /** The same request as bytes on a connection that is closed after the answer. */
  readonly wire: Uint8Array;
}

interface Row {
  readonly id: string;
  readonly label: string;
  readonly class: string;
  readonly tier: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string | null>>;
  readonly body?: string;
}

/** What the corpus leaves out of each request because every browser sends it. */
const BROWSER: Readonly<Record<string, string>> = {
  "User-Agent":
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36",
  "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "Accept-Language": "en-US,en;q=0.5",
  "Accept-Encoding": "gzip, deflate, br",
  "Host": "shop.example",
};

export async function readCorpus(path: string): Promise<Sample[]> {
  const text = await Deno.readTextFile(path);
  return text.trim().split("\n").map((line) => toSample(JSON.parse(line)));
}

function toSample(row: Row): Sample {
  const headers = new Headers(BROWSER);
  for (const [name, value] of Object.entries(row.headers)) {
    if (value === null) headers.delete(name);
    else headers.set(name, value.replace(/[^\x20-\x7e\x80-\xff]/g, (c) => encodeURIComponent(c)));
  }
  const target = row.path + (row.query ? `?${row.query}` : "");
  const bytes = row.body === undefined ? undefined : new TextEncoder().encode(row.body);
  return {
    id: row.id,
    attack: row.label === "attack",
    kind: row.class,
    tier: row.tier,
    head: { method: row.method, target: rawTarget(`http://h${target}`), headers },
    body: bytes && toBody(bytes),
    wire: toWire(row.method, target, headers, bytes),
  };
}

function toWire(method: string, target: string, headers: Headers, body?: Uint8Array): Uint8Array {
  const fields = new Headers(headers);
  fields.set("connection", "close");
  if (body) fields.set("content-length", String(body.length));
  const lines = [...fields].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = new TextEncoder().encode(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`);
  const wire = new Uint8Array(head.length + (body?.length ?? 0));
  wire.set(head);
  if (body) wire.set(body, head.length);
  return wire;
}

/** A body as the gate has it when all of it has arrived. */
export const toBody = (bytes: Uint8Array): RequestBody => ({ bytes, whole: true });
