/** The texts and attribute values of XML, without building its tree. One pass, any nesting. */

const CDATA = "<![CDATA[";

export function xmlTexts(xml: string): string[] {
  const texts: string[] = [];
  const keep = (from: number, to: number) => {
    const text = xml.slice(from, to).trim();
    if (text !== "") texts.push(text);
  };
  let at = 0;
  while (at < xml.length) {
    const open = indexOr(xml, "<", at);
    keep(at, open);
    if (xml.startsWith(CDATA, open)) {
      const close = indexOr(xml, "]]>", open);
      keep(open + CDATA.length, close);
      at = close + 3;
    } else at = readTag(xml, open + 1, keep);
  }
  return texts;
}

/** Keeps the quoted values of the tag at `from`; returns where the text goes on. */
function readTag(xml: string, from: number, keep: (from: number, to: number) => void): number {
  for (let at = from; at < xml.length; at++) {
    const code = xml.charCodeAt(at);
    if (code === 62) return at + 1;
    // A tag that was never closed; the next one begins here.
    if (code === 60) return at;
    if (code === 34 || code === 39) {
      const close = indexOr(xml, xml[at], at + 1);
      keep(at + 1, close);
      at = close;
    }
  }
  return xml.length;
}

function indexOr(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at;
}
