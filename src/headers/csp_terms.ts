/** Cuts the parts of a CSP report, which anyone may have written, down to words worth counting. */

const DIRECTIVES: ReadonlySet<string> = new Set([
  "base-uri",
  "child-src",
  "connect-src",
  "default-src",
  "fenced-frame-src",
  "font-src",
  "form-action",
  "frame-ancestors",
  "frame-src",
  "img-src",
  "manifest-src",
  "media-src",
  "object-src",
  "require-trusted-types-for",
  "sandbox",
  "script-src",
  "script-src-attr",
  "script-src-elem",
  "style-src",
  "style-src-attr",
  "style-src-elem",
  "trusted-types",
  "worker-src",
]);

/** What browsers write in place of an address. */
const KEYWORDS: ReadonlySet<string> = new Set([
  "about",
  "blob",
  "data",
  "eval",
  "filesystem",
  "inline",
  "self",
  "trusted-types-policy",
  "trusted-types-sink",
  "wasm-eval",
]);

const EXTENSION = /^(?:chrome|moz|ms-browser|safari|safari-web)-extension\b|^webkit-masked-url\b/i;
const ORIGIN_LENGTH_MAX = 120;
const SEGMENTS_MAX = 6;
const SEGMENT_LENGTH_MAX = 24;

/** One of the directives there are, or `other`. */
export function directiveName(text: string): string {
  // `violated-directive` may hold the whole directive with its sources.
  const name = text.trim().split(/\s/, 1)[0].toLowerCase();
  return DIRECTIVES.has(name) ? name : "other";
}

/** The origin of an address, a browser's keyword, or `other`. */
export function blockedOrigin(text: string): string {
  const word = text.trim().toLowerCase();
  const scheme = word.split(":", 1)[0];
  if (KEYWORDS.has(scheme)) return scheme;
  const url = URL.parse(word);
  return url && /^(?:https?|wss?):$/.test(url.protocol) && url.host.length <= ORIGIN_LENGTH_MAX
    ? `${url.protocol}//${url.host}`
    : "other";
}

/** The path of a page with its ids replaced, so that a thousand product pages are one. */
export function pageTemplate(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return "other";
  const segments = url.pathname.split("/").slice(1);
  const kept = segments.slice(0, SEGMENTS_MAX).map((segment) =>
    /\d/.test(segment) || segment.length > SEGMENT_LENGTH_MAX || !/^[\w.~-]*$/.test(segment)
      ? "{id}"
      : segment
  );
  return `/${kept.join("/")}${segments.length > SEGMENTS_MAX ? "/…" : ""}`;
}

/** Whether the reader's own browser extension is to blame, not the page. */
export function isFromExtension(report: { readonly blocked: string; readonly source: string }) {
  return EXTENSION.test(report.blocked.trim()) || EXTENSION.test(report.source.trim());
}
