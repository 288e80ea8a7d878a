/** Splits queries, forms and cookie headers into names and values, without decoding them. */

export type PairSink = (name: string, value: string) => void;

/**
 * `a=1&b=2` (also `;` between pairs when `separator` says so). Every pair is read, so that none can
 * hide behind a number of others; the text is as long as its caller allows.
 */
export function eachPair(text: string, separator: "&" | ";", sink: PairSink): void {
  let from = 0;
  let equals = -1;
  while (from <= text.length) {
    const next = text.indexOf(separator, from);
    const end = next === -1 ? text.length : next;
    // Looked for once, not again for each pair that has none.
    if (equals < from) equals = indexOr(text, "=", from);
    if (equals < end) sink(text.slice(from, equals), text.slice(equals + 1, end));
    else if (end > from) sink("", text.slice(from, end));
    from = end + 1;
  }
}

function indexOr(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at;
}
