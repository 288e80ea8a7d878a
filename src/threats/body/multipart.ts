/** Reads the parts of a multipart form: names, file names, and the text of those that are no files. */

export interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  readonly type: string;
  readonly text: string;
}

const PARTS_MAX = 200;
const HEAD_MAX = 2_000;

/** The boundary that `Content-Type` declares, or the one the body begins with. */
export function boundaryOf(contentType: string, body: string): string | undefined {
  const declared = /boundary\s{0,5}=\s{0,5}(?:"([^"]{1,200})"|([^\s;,]{1,200}))/i.exec(contentType);
  if (declared) return declared[1] ?? declared[2];
  return /^\s{0,10}--([^\s]{1,200})\r?\n/.exec(body)?.[1];
}

/** The parts between boundaries; none when there is no boundary or it does not occur. */
export function readMultipart(body: string, boundary: string | undefined): Part[] {
  if (boundary === undefined) return [];
  const parts: Part[] = [];
  const mark = `--${boundary}`;
  let at = body.indexOf(mark);
  while (at !== -1 && parts.length < PARTS_MAX) {
    const start = at + mark.length;
    const next = body.indexOf(mark, start);
    const part = body.slice(start, next === -1 ? body.length : next);
    if (part.length > 4 || next !== -1) parts.push(toPart(part));
    at = next;
  }
  return parts;
}

function toPart(part: string): Part {
  const gap = /\r?\n\r?\n/.exec(part);
  const head = part.slice(0, Math.min(gap?.index ?? part.length, HEAD_MAX));
  const text = gap ? part.slice(gap.index + gap[0].length).replace(/\r?\n$/, "") : "";
  return {
    name: parameter(head, "name") ?? "",
    filename: parameter(head, "filename"),
    type: /content-type\s{0,3}:\s{0,3}([^\r\n;]{1,100})/i.exec(head)?.[1].toLowerCase() ?? "",
    text,
  };
}

function parameter(head: string, name: string): string | undefined {
  const found = new RegExp(
    `[;\\s]${name}\\*?=(?:"([^\\r\\n]*?)"(?=;|\\r|\\n|$)|([^;\\r\\n]{0,300}))`,
    "i",
  )
    .exec(head);
  return found ? found[1] ?? found[2] : undefined;
}
