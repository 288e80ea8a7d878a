/**
 * Headers that have a grammar of their own, and the grammar: what matches it is no attack and needs
 * no closer look, what does not is examined like any other text. Nothing here takes free words.
 */

const TOKEN = "[\\w!#%&*+.^~-]{1,80}";
/** `;q=0.9`, `;charset=utf-8`, `;boundary="---x"`, `;v=b3`. */
const PARAMETERS =
  '(?:[ \\t]?;[ \\t]?(?:[\\w*.-]{1,40}=(?:[\\w*+.:/-]{1,200}|"[\\w+.:/ -]{0,200}"))?){0,20}';
const list = (item: string) =>
  new RegExp(`^[ \\t]?(?:${item})(?:[ \\t]{0,3},[ \\t]{0,3}(?:${item})){0,100}[ ,\\t]?$`);

const MEDIA = list(`(?:\\*|[\\w!#&.+^-]{1,80})(?:/[\\w!#&.+^*-]{1,120})?${PARAMETERS}`);
const LANGUAGES = list(
  "(?:\\*|[A-Za-z]{1,8}(?:[-_][A-Za-z\\d]{1,8}){0,6})(?:[ \\t]?;[ \\t]?q=[01]?(?:\\.\\d{0,3})?)?",
);
const TOKENS = list(`${TOKEN}(?:[ \\t]?;[ \\t]?q=[01]?(?:\\.\\d{0,3})?)?`);
/** `max-age=0`, `no-cache="x"`, `timeout=5, max=1000`, `u=1, i`, `100-continue`. */
const DIRECTIVES = list(
  `[\\w*-]{1,60}(?:=(?:[\\w.:/?+-]{1,120}|"[\\w.:/?+, -]{0,120}"))?(?:[ \\t]?;[ \\t]?[\\w*-]{1,60}(?:=(?:[\\w.:/?+-]{1,120}|"[\\w.:/?+ -]{0,120}"))?){0,20}`,
);
const ETAGS =
  /^(?:\*|(?:W\/)?"?[\w+/=.:~@-]{0,200}"?(?:[ \t]?,[ \t]?(?:W\/)?"?[\w+/=.:~@-]{1,200}"?){0,50})$/;
const DATE =
  /^(?:[A-Za-z]{3,9},? )?(?:\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4}|[A-Za-z]{3} {1,2}\d{1,2}) \d{2}:\d{2}:\d{2}(?: \d{4}| [A-Z]{1,4})?$/;
const DATE_OR_TAG = new RegExp(`${DATE.source}|${ETAGS.source}`);
const NUMBER = /^[\w.?+-]{0,24}$/;
const HOST = /^[\w.:[\]-]{0,255}$/;
const ORIGIN = /^(?:null|[a-z][a-z\d+.-]{1,30}:\/\/[\w.:[\]-]{0,255})$/;
const MAIL = /^[\w.+-]{1,64}@[\w.-]{1,255}$/;
const RANGE = /^[a-z]{1,12}[= ][\d*,/ -]{1,400}$/;
const ADDRESSES = /^[\da-fA-F.:[\], ]{0,400}$/;
/** `for=192.0.2.60;proto=http;by="[2001:db8::1]:4711"`. */
const FORWARDED = list(
  '(?:(?:for|by|host|proto)="?[\\w.:[\\]-]{1,255}"?)(?:;[ ]?(?:for|by|host|proto)="?[\\w.:[\\]-]{1,255}"?){0,8}',
);
const VIA = list("(?:[\\w]{1,12}/)?\\d(?:\\.\\d)? [\\w.:-]{1,200}(?: \\([\\w./ :-]{0,80}\\))?");
/** Tokens and signatures: no blank, no quote, no parenthesis. */
const OPAQUE = /^[\w+/=.:,@~%-]{0,1000}$/;
const CREDENTIALS = /^(?:[A-Za-z][\w-]{1,30} )?[\w+/=.:~-]{0,8000}$/;
/** `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…` and `Digest username="…", …`. */
const SIGNED =
  /^[A-Za-z][\w-]{1,30}(?: |,[ \t]{0,3})[\w-]{1,40}=(?:"[\w+/=.:;@?&%-]{0,400}"|[\w+/=.:;@%-]{1,800})(?:,[ \t]{0,3}[\w-]{1,40}=(?:"[\w+/=.:;@?&%-]{0,400}"|[\w+/=.:;@%-]{1,800})){0,20}$/;
const AUTHORIZATION = new RegExp(`${CREDENTIALS.source}|${SIGNED.source}`);
const TRACE_STATE = list("[\\w@*/-]{1,256}=[\\w.:~+/=;@-]{0,256}");
/** `"Chromium";v="145", "Not;A=Brand";v="24"`: few words, and no number but the version. */
const BRAND =
  '"[ .;:()/?_=@-]{0,3}[A-Za-z]{1,20}(?:[ .;:()/?_=@-]{1,3}[A-Za-z]{1,20}){0,3}[ .;:()/?_=@-]{0,3}";[ ]?v="[\\d.]{1,24}"';
const BRANDS = list(BRAND);
/** `?0`, `"Windows"`, `navigate`, `"Pixel 7 Pro"`, `"14.0.0"`. */
const WORD = /^(?:\?[01]|"?[\w.+/=-]{0,60}(?: [\w.+-]{1,20}){0,2}"?)$/;
const PLAIN_WORD = /^\??[\w.+/;=-]{0,80}$/;

const GRAMMARS: Readonly<Record<string, RegExp>> = {
  "accept": MEDIA,
  "accept-charset": TOKENS,
  "accept-encoding": TOKENS,
  "accept-language": LANGUAGES,
  "authorization": AUTHORIZATION,
  "cache-control": DIRECTIVES,
  "connection": TOKENS,
  "content-encoding": TOKENS,
  "content-language": LANGUAGES,
  "content-length": NUMBER,
  "content-type": MEDIA,
  "date": DATE,
  "device-memory": NUMBER,
  "dnt": NUMBER,
  "downlink": NUMBER,
  "dpr": NUMBER,
  "ect": NUMBER,
  "expect": TOKENS,
  "forwarded": FORWARDED,
  "from": MAIL,
  "host": HOST,
  "if-match": ETAGS,
  "if-modified-since": DATE,
  "if-none-match": ETAGS,
  "if-range": DATE_OR_TAG,
  "if-unmodified-since": DATE,
  "keep-alive": DIRECTIVES,
  "max-forwards": NUMBER,
  "origin": ORIGIN,
  "pragma": DIRECTIVES,
  "priority": DIRECTIVES,
  "proxy-authorization": AUTHORIZATION,
  "range": RANGE,
  "rtt": NUMBER,
  "save-data": NUMBER,
  "stripe-signature": OPAQUE,
  "te": TOKENS,
  "traceparent": OPAQUE,
  "tracestate": TRACE_STATE,
  "trailer": TOKENS,
  "transfer-encoding": TOKENS,
  "true-client-ip": ADDRESSES,
  "upgrade": TOKENS,
  "upgrade-insecure-requests": NUMBER,
  "via": VIA,
  "viewport-width": NUMBER,
  "width": NUMBER,
  "x-csrf-token": OPAQUE,
  "x-forwarded-for": ADDRESSES,
  "x-forwarded-proto": NUMBER,
  "x-hub-signature-256": OPAQUE,
  "x-real-ip": ADDRESSES,
  "x-request-id": OPAQUE,
  "x-xsrf-token": OPAQUE,
  "sec-ch-ua": BRANDS,
  "sec-ch-ua-full-version-list": BRANDS,
  "sec-websocket-extensions": DIRECTIVES,
  "sec-websocket-key": OPAQUE,
  "sec-websocket-protocol": list("[\\w.+/=:~-]{1,1000}"),
};
const BY_NAME: ReadonlyMap<string, RegExp> = new Map(Object.entries(GRAMMARS));

/** A way up through folders fits the grammar of a token or an entity tag, and means neither. */
const CLIMB = "../";

/** Whether `name` is a standard header and `value` is what the standard says. */
export function isStandard(name: string, value: string): boolean {
  return fitsGrammar(name, value) && !value.includes(CLIMB);
}

function fitsGrammar(name: string, value: string): boolean {
  const grammar = BY_NAME.get(name);
  if (grammar) return grammar.test(value);
  if (!name.startsWith("sec-")) return false;
  return name.startsWith("sec-ch-") ? WORD.test(value) : PLAIN_WORD.test(value);
}
