/** Splits queries, forms and cookie headers into names and values, without decoding them. */

export type PairSink = (name: string, value: string) => void;

/** `a=1&b=2` (also `;` between pairs when `separator` says so); calls at most `pairsMax` times. */
export function eachPair(
  text: string,
  separator: "&" | ";",
  pairsMax: number,
  sink: PairSink,
): void {
  let from = 0;
  for (let count = 1; from <= text.length; count++) {
    const next = count < pairsMax ? text.indexOf(separator, from) : -1;
    const end = next === -1 ? text.length : next;
    const equals = text.indexOf("=", from);
    if (equals !== -1 && equals < end) sink(text.slice(from, equals), text.slice(equals + 1, end));
    else if (end > from) sink("", text.slice(from, end));
    from = end + 1;
  }
}
