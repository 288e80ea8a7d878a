/**
 * Whether a text is GraphQL, whose braces, dollars and colons are no attack. Its strings may be one,
 * and so may anything that stands outside its braces, which is why that is read word by word.
 */

/** `query Search($q: String! = "x") @live` in front of a brace, or nothing. */
const DEFINITION = /^(?:(?:query|mutation|subscription|fragment)\b[\w\s$:!=,.@[\]()-]{0,2000})?$/;
/** All that may stand between strings; no operator, no comment but a line's, no quote. */
const PUNCTUATED = /^[\w\s{}()[\]:!$,.=@|&#-]*$/;
/** What a line of definition never has: words that SQL is made of. */
const SPOKEN = /(?<![$@\w])(?:select|union|where|or|and|sleep|exec|drop|insert|delete|update)\b/i;
const DEPTH_MAX = 64;

/** The strings in `text`, or undefined when it is no GraphQL. */
export function graphqlStrings(text: string): readonly string[] | undefined {
  const strings: string[] = [];
  let outside = "";
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      const end = endOfString(text, at + 1);
      if (end < 0 || !PUNCTUATED.test(text.slice(from, at))) return undefined;
      strings.push(text.slice(at + 1, end));
      at = end;
      from = end + 1;
    } else if (code === 123) {
      if (depth === 0 && !isDefinition(outside)) return undefined;
      if (++depth > DEPTH_MAX) return undefined;
    } else if (code === 125) {
      if (--depth < 0) return undefined;
      outside = "";
    } else if (depth === 0) outside += text[at];
  }
  const whole = depth === 0 && outside.trim() === "" && text.includes("{");
  return whole && PUNCTUATED.test(text.slice(from)) ? strings : undefined;
}

const isDefinition = (outside: string) => {
  const text = outside.split("\n").map((line) => line.split("#", 1)[0]).join("\n").trim();
  return DEFINITION.test(text) && !SPOKEN.test(text);
};

function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) at++;
    else if (code === 34) return at;
  }
  return -1;
}
