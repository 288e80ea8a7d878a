/**
 * Tells what people write for people from what is written for machines, and finds the code that
 * people quote in it: between back-ticks, in fences, in `<pre>` and `<code>`.
 */

const PROSE_LENGTH_MIN = 120;
const WORD = "[a-z\\u00c0-\\uffff]{1,15}['\\u2019]?[a-z]{0,3}";
const BREAK = "[,;:]? ";
const FOUR_WORDS = new RegExp(
  `(?:^|[\\s"'(*_>.])[a-z\\u00c0-\\uffff]{2,15}${BREAK}${WORD}${BREAK}${WORD}${BREAK}[a-z\\u00c0-\\uffff]{2,15}(?:[\\s.,!?;:)*_<"']|$)`,
);
const THREE_WORDS = new RegExp(
  `(?:^|[\\s"'(*_>.])[a-z\\u00c0-\\uffff]{2,15}${BREAK}${WORD}${BREAK}[a-z\\u00c0-\\uffff]{2,15}(?:[\\s.,!?;:)*_<"']|$)`,
);
const SENTENCES = new RegExp(FOUR_WORDS, "g");
/** So much is written beside code that is told about. */
const TOLD_LENGTH_MIN = 120;
const CHAPTER_LENGTH_MIN = 200;
const DOCUMENT_LENGTH_MIN = 500;
const DOCUMENT_SENTENCES_MIN = 5;
/** Lines of logs and stack traces: a date with a time, a level, a frame, an exception's name. */
const LOG =
  /\d{4}[-\/.]\d\d[-\/.]\d\d[t _:-]{1,2}\d\d[:.]\d\d|\b[a-z]{3} {1,2}\d{1,2} \d\d:\d\d:\d\d\b|\[\d\d\/[a-z]{3}\/\d{4}:|[\s[](?:info|warn(?:ing)?|error|debug|notice|fatal|trace)[\]\s:]{1,3}[\[\w]|\n\s{0,9}at [\w.$<>\/]{2,80}|traceback \(most|\w(?:exception|error): \w|\bcaused by: /;
const LOG_LENGTH_MIN = 40;
/** What a rich-text editor writes; whoever attacks has no use for paragraphs. */
const EDITOR_TAG =
  /<\/?(?:p|h[1-6]|li|ul|ol|td|th|tr|table|strong|em|figure|figcaption|blockquote|section|article)[\s>]/g;
const EDITOR_TAGS_MIN = 4;
/** A fence on a line of its own, which names its language. */
const FENCED = /(?:^|\n)[ >]{0,6}(?:```|~~~)[ ]?[a-z][\w+#. -]{0,40}\n/;
const HEADING = /(?:^|\n)#{1,6} \w/;
/** Scripts without blanks between words: Chinese, Japanese, Thai. */
const UNSPACED = /[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff]{12}/;
/** Ends are optional: a text that was cut still quotes. */
const CODE =
  /(?:^|\n)[ >]{0,6}(?:```|~~~)[^]*?(?:\n[ >]{0,6}(?:```|~~~)|$)|```[^`]{1,8000}```|`[^`\n]{1,300}`|<(?:pre|code)\b[^<>]{0,200}>[^]*?(?:<\/(?:pre|code)>|$)/g;

/**
 * 0: no prose. 1: text with words in a row, or with an editor's markup. 2: a document of many, which
 * only a body has (`atLength`), as only a body has logs; a log's line is text like any other.
 */
export function proseOf(text: string, atLength: boolean): 0 | 1 | 2 {
  if (atLength && text.length > LOG_LENGTH_MIN && LOG.test(text)) return isDocument(text) ? 2 : 1;
  if (text.length <= PROSE_LENGTH_MIN) return 0;
  if (atLength && isDocument(text)) return 2;
  return hasSentence(text) || hasAtLeast(EDITOR_TAG, text, EDITOR_TAGS_MIN) ? 1 : 0;
}

const isDocument = (text: string) =>
  text.length > DOCUMENT_LENGTH_MIN && hasAtLeast(SENTENCES, text, DOCUMENT_SENTENCES_MIN);

function hasAtLeast(pattern: RegExp, text: string, count: number): boolean {
  pattern.lastIndex = 0;
  for (let found = 0; found < count; found++) if (!pattern.test(text)) return false;
  return true;
}

/** Whether there are four words in a row. */
export function hasSentence(text: string): boolean {
  return FOUR_WORDS.test(text) || UNSPACED.test(text);
}

/**
 * The sentences and the code they quote, or undefined when `text` quotes none, or says too little
 * beside it: whoever explains code uses words for it.
 */
export function splitCode(text: string): { words: string; code: string } | undefined {
  if (!text.includes("`") && !text.includes("<code") && !text.includes("<pre")) return undefined;
  const code: string[] = [];
  const words = text.replace(CODE, (quoted) => {
    code.push(withoutTicks(quoted));
    return " quoted ";
  });
  if (code.length === 0) return undefined;
  const rest = words.replaceAll(" quoted ", " ");
  if (!isChapter(text) && (rest.length < TOLD_LENGTH_MIN || !hasWords(rest, words))) {
    return undefined;
  }
  return { words, code: code.join("\n") };
}

const withoutTicks = (quoted: string) =>
  quoted.startsWith("<") ? quoted : quoted.replace(/^\s{0,9}(?:`{1,3}|~~~)|(?:`{1,3}|~~~)$/g, "");

/** A heading, and under it a block of code: some chapters of a manual are hardly more. */
const isChapter = (text: string) =>
  text.length > CHAPTER_LENGTH_MIN && HEADING.test(text) && FENCED.test(text);

/** Words in a row, counting what is quoted as one of them, or an editor's paragraphs. */
function hasWords(rest: string, words: string): boolean {
  return THREE_WORDS.test(rest) || FOUR_WORDS.test(words.replace(/ {2,}/g, " ")) ||
    HEADING.test(rest) || UNSPACED.test(rest) ||
    hasAtLeast(EDITOR_TAG, rest, EDITOR_TAGS_MIN / 2);
}
