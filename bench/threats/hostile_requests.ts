/**
 * Hostile requests of 64 KiB, as many as asked for and the same in every run: mixes of the parts of
 * our own expressions in the shapes that a request can have, each made to be dear in its own way.
 */
import { HOT_PATH, HOT_WORDS } from "../../src/threats/hot_words.ts";
import type { RequestHead } from "../../src/threats/request_head.ts";
import { SIGNALS } from "../../src/threats/signals/mod.ts";
import { HOSTILE } from "./hostile.ts";
import { pumpsOf } from "./pumps.ts";

export interface HostileRequest {
  readonly name: string;
  readonly head: RequestHead;
  readonly body: string;
}

const SIZE = 65_000;
const BROWSER = { "accept": "text/html", "user-agent": "Mozilla/5.0 (X11; Linux x86_64)" };

/** Every part of every expression, shuffled in with the short list kept by hand. */
const UNITS: readonly string[] = [
  ...HOSTILE.map(({ unit }) => unit),
  ...[
    HOT_WORDS,
    HOT_PATH,
    ...SIGNALS.flatMap(({ hint, rules }) => [
      ...(hint ? [hint] : []),
      ...rules.map(({ pattern }) => pattern),
    ]),
  ].flatMap((pattern) => pumpsOf(pattern).filter((_, at) => at % 7 === 0)),
];

type Random = (below: number) => number;
type Shape = (text: () => string, random: Random) => Omit<HostileRequest, "name">;

const form = (body: string) => ({ head: headOf("application/x-www-form-urlencoded"), body });
const json = (body: string) => ({ head: headOf("application/json"), body });
const encoded = (text: string) => encodeURIComponent(text.toWellFormed());

const SHAPES: Readonly<Record<string, Shape>> = {
  "one text": (text) => ({ head: headOf("text/plain"), body: filled(text) }),
  "one JSON string": (text) => json(JSON.stringify({ q: filled(text) })),
  "JSON of a few strings": (text) =>
    json(JSON.stringify([1, 2, 3, 4, 5].map(() => filled(text, SIZE / 5)))),
  "JSON of tiny strings": (text, random) =>
    json(`[${fill(() => `${JSON.stringify(text().slice(0, 2 + random(20)))},`)}""]`),
  "JSON of tiny keys": (text, random) =>
    json(`{${fill(() => `${JSON.stringify(text().slice(0, 2 + random(12)))}:"'",`)}"a":1}`),
  "JSON in JSON": (text) =>
    json(JSON.stringify({ a: JSON.stringify({ b: JSON.stringify([filled(text, SIZE / 3)]) }) })),
  "deep JSON": (text) => json(fill(() => `{${JSON.stringify(text().slice(0, 90))}:[`)),
  "what is no JSON": (text) => json(`{"a":${filled(text)}`),
  "form of one value": (text) => form(`q=${encoded(filled(text, SIZE / 2))}`.slice(0, SIZE)),
  "form of raw text": (text) => form(`q=${filled(text).replaceAll("&", "%26")}`),
  "form of pairs": (text, random) => form(fill(() => `${text().slice(0, 1 + random(9))}='&`)),
  "form of one name": (text, random) => form(fill(() => `a=${text().slice(0, 1 + random(9))}&`)),
  "form, encoded twice": (text) =>
    form(`q=${encoded(encoded(filled(text, SIZE / 4)))}`.slice(0, SIZE)),
  "entities": (text) =>
    form(
      `q=${filled(text, SIZE / 6).replace(/[^]/g, (sign) => `%26#${sign.charCodeAt(0)};`)}`.slice(
        0,
        SIZE,
      ),
    ),
  "base64": (text) => json(JSON.stringify({ q: base64(filled(text, SIZE / 2)) })),
  "base64 of many": (text) => json(`[${fill(() => `"${base64(text().slice(0, 60))}",`)}""]`),
  "multipart": (text) => ({
    head: headOf("multipart/form-data; boundary=x"),
    body: `${
      fill(() => `--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n${text()}\r\n`)
    }--x--`,
  }),
  "XML": (text) => ({ head: headOf("application/xml"), body: `<a>${filled(text)}</a>` }),
  "two types": (text) => ({ head: headOf("application/json"), body: `q=${filled(text)}` }),
  "query": (text) => ({ head: headOf("", `/?q=${encoded(filled(text, SIZE / 3))}`), body: "" }),
  "query of pairs": (text, random) => ({
    head: headOf("", `/?${fill(() => `${encoded(text().slice(0, 1 + random(4)))}='&`)}`),
    body: "",
  }),
  "path": (text) => ({ head: headOf("", `/${encoded(filled(text, SIZE / 3))}`), body: "" }),
  "cookies": (text, random) => ({
    head: headOf("", "/", {
      cookie: fill(() => `${printable(text()).slice(0, 1 + random(9))}='; `),
    }),
    body: "",
  }),
  "a header": (text) => ({ head: headOf("", "/", { "x-a": printable(filled(text)) }), body: "" }),
  "user agent": (text) => ({
    head: headOf("", "/", { "user-agent": printable(filled(text)) }),
    body: "",
  }),
};

/** The first `count` of them. */
export function* hostileRequests(count: number): Generator<HostileRequest> {
  const shapes = Object.entries(SHAPES);
  for (let number = 0; number < count; number++) {
    const random = randomOf(number + 1);
    const [name, shape] = shapes[number % shapes.length];
    const mix = Array.from({ length: 1 + random(4) }, () => UNITS[random(UNITS.length)]);
    let turn = 0;
    const text = () => mix[random(4) === 0 ? random(mix.length) : turn++ % mix.length];
    yield { name: `${name} of ${JSON.stringify(mix).slice(0, 80)}`, ...shape(text, random) };
  }
}

/** Texts one after the other, and the piece of it that fits. */
const filled = (text: () => string, size = SIZE) => fill(text, size).slice(0, size);

function fill(piece: () => string, size = SIZE): string {
  let out = "";
  while (out.length < size) {
    const next = piece();
    if (out.length + next.length > size && out !== "") break;
    out += next || " ";
  }
  return out.slice(0, size);
}

const printable = (text: string) => text.replace(/[^\x20-\x7e]/g, " ").trim() || "'";
const base64 = (text: string) => btoa(printable(text));

function headOf(type: string, target = "/x", more: Record<string, string> = {}): RequestHead {
  const headers = new Headers({ ...BROWSER, ...more });
  if (type) headers.set("content-type", type);
  return { method: "POST", target: target.slice(0, SIZE), headers };
}

/** Mulberry32: the same numbers from the same seed. */
function randomOf(seed: number): Random {
  let state = seed * 0x9e3779b9;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
