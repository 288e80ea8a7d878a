/**
 * The texts that bytes may be: by their byte order mark, by what their sender and their XML declare,
 * and as UTF-8, because an application believes any of them. Most bodies are one text in all.
 */

export interface Readings {
  /** Different from each other; the first is the likeliest. */
  readonly texts: readonly string[];
  /** Whether somebody may read them in a charset that we don't know. */
  readonly unknown: boolean;
}

const UTF_8 = new TextDecoder();
/** Names of UTF-8 that are wrong but meant. */
const UTF_8_NAME = /^(?:utf[-_ ]?8\w{0,9}|binary|[78]bit|none|\*)$/;
const XML_ENCODING = /^\s{0,99}<\?xml[^>]{0,200}?\sencoding\s{0,9}=\s{0,9}["']([\w.:+-]{1,40})/i;
const START_BYTES = 400;
/** `<?xm` in EBCDIC, and the byte order marks of UTF-32. */
const UNKNOWN_STARTS = [[0x4c, 0x6f, 0xa7, 0x94], [0xff, 0xfe, 0, 0], [0, 0, 0xfe, 0xff]] as const;

export function readingsOf(
  bytes: Uint8Array,
  declared: string | undefined,
  others: readonly string[] = [],
): Readings {
  if (isPlainUtf8(bytes, declared) && others.length === 0) {
    return { texts: [UTF_8.decode(bytes)], unknown: false };
  }
  const named = xmlEncoding(bytes);
  const labels = [markOf(bytes), named, declared, ...others, unmarked(bytes)];
  const texts: string[] = [];
  let unknown = UNKNOWN_STARTS.some((start) => start.every((byte, at) => bytes[at] === byte));
  for (const label of labels) {
    if (label === undefined || isUtf8(label)) continue;
    const decoder = decoderOf(label);
    if (decoder) addText(texts, decoder.decode(bytes));
    else unknown ||= label === declared || label === named;
  }
  addText(texts, UTF_8.decode(bytes));
  return { texts, unknown };
}

/** Nearly every body: declared so or not at all, and beginning with characters that are no mark. */
function isPlainUtf8([first, second]: Uint8Array, declared: string | undefined): boolean {
  // `<` may begin XML that names an encoding, in ASCII or (`L`) in EBCDIC.
  return (declared === undefined || declared === "utf-8") && first > 32 && first < 127 &&
    first !== 60 && first !== 0x4c && second !== 0;
}

/** Whether `label` is a charset that we can read. */
export const isKnownCharset = (label: string): boolean =>
  isUtf8(label) || decoderOf(label) !== undefined;

const isUtf8 = (label: string) => label === "" || UTF_8_NAME.test(bare(label));
const bare = (label: string) => label.replaceAll("'", "").trim();

function decoderOf(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(bare(label));
  } catch {
    return undefined;
  }
}

/** Text in UTF-16 that is plain English is UTF-8 with zeros between, which nobody sees. */
function addText(texts: string[], text: string): void {
  if (texts.length === 0) return void texts.push(text);
  const visible = text.includes("\0") ? text.replaceAll("\0", "") : text;
  if (!texts.some((known) => known === text || known === visible)) texts.push(text);
}

function markOf([first, second]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : undefined;
}

/** UTF-16 without a mark shows in a zero byte beside the first character. */
function unmarked([first, second]: Uint8Array): string | undefined {
  if (first > 0 && second === 0) return "utf-16le";
  return first === 0 && second > 0 ? "utf-16be" : undefined;
}

function xmlEncoding(bytes: Uint8Array): string | undefined {
  // Only what begins with an angle, perhaps after a mark, blanks or zeros, can be XML.
  const start = bytes.subarray(0, START_BYTES);
  if (!start.includes(60)) return undefined;
  const text = UTF_8.decode(start).replace(/[\0\ufffd]/g, "");
  return XML_ENCODING.exec(text)?.[1].toLowerCase();
}
