/**
 * Texts that are bad for one expression, made from the expression itself: what each of its repeats
 * takes, behind what stands in front of it, over and over, and never the end that it waits for. No
 * list of names to keep: a new rule brings its own enemies.
 */

type Node =
  | { readonly kind: "text"; readonly samples: readonly string[] }
  | { readonly kind: "sequence"; readonly parts: readonly Node[] }
  | { readonly kind: "choice"; readonly options: readonly Node[] }
  | {
    readonly kind: "repeat";
    readonly inner: Node;
    readonly least: number;
    readonly most: number;
  };

/** Repeats that may take fewer than this cannot cost much. */
const MOST_MIN = 3;
const PUMPS_MAX = 120;
const CLASS_SAMPLES: Readonly<Record<string, readonly string[]>> = {
  w: ["a", "0", "_"],
  d: ["0"],
  s: [" ", "\n"],
  W: [" ", "'"],
  D: ["a"],
  S: ["a", "'"],
};
const CONTROL: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  f: "\f",
  v: "\v",
  0: "\0",
};
/** What a negated class is tried with, as far as it allows it. */
const ANY = ["a", " ", "'", "<", "(", "0", "/", "\n", "é"];
const NOTHING: Node = { kind: "text", samples: [""] };

/** Short texts that, repeated, are as bad for `pattern` as its own parts allow. */
export function pumpsOf(pattern: RegExp): string[] {
  const pumps = new Set<string>();
  collect(parse(pattern.source), "", pumps);
  pumps.delete("");
  return spread([...pumps].filter((pump) => pump.length <= 2_000), PUMPS_MAX);
}

/** At most `count` of `items`, from all over them. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, at) => items[Math.floor(at * items.length / count)]);
}

/** Notes the pumps in `node`, which is matched behind `before`. */
function collect(node: Node, before: string, pumps: Set<string>): void {
  if (node.kind === "text") {
    for (const sample of node.samples.slice(0, 3)) pumps.add(before.slice(-60) + sample);
  } else if (node.kind === "choice") {
    for (const option of node.options) collect(option, before, pumps);
  } else if (node.kind === "sequence") {
    let front = before;
    for (const part of node.parts) {
      collect(part, front, pumps);
      front += sampleOf(part);
    }
    // All but the end, and the end alone.
    if (front.length > before.length + 1) pumps.add(front.slice(before.length, -1));
  } else {
    collect(node.inner, before, pumps);
    if (node.most < MOST_MIN) return;
    for (const inner of samplesOf(node.inner).slice(0, 4)) {
      const most = Math.min(node.most, 200);
      pumps.add(inner);
      pumps.add(before + inner.repeat(Math.max(1, Math.min(most, 12))));
      pumps.add(before + inner.repeat(most));
    }
  }
}

/** A shortest text that `node` matches. */
const sampleOf = (node: Node): string => samplesOf(node)[0] ?? "";

function samplesOf(node: Node): readonly string[] {
  if (node.kind === "text") return node.samples;
  if (node.kind === "choice") {
    return node.options.flatMap((option) => samplesOf(option).slice(0, 2));
  }
  if (node.kind === "repeat") {
    const inner = samplesOf(node.inner);
    return inner.map((sample) => sample.repeat(node.least));
  }
  return [
    node.parts.map(sampleOf).join(""),
    node.parts.map((part) => samplesOf(part).at(-1) ?? "").join(""),
  ];
}

/** Reads as much of the language of expressions as ours use. */
function parse(source: string): Node {
  let at = 0;

  function choice(): Node {
    const options = [sequence()];
    while (source[at] === "|") {
      at++;
      options.push(sequence());
    }
    return options.length === 1 ? options[0] : { kind: "choice", options };
  }

  function sequence(): Node {
    const parts: Node[] = [];
    while (at < source.length && source[at] !== "|" && source[at] !== ")") {
      parts.push(repeated(atom()));
    }
    return { kind: "sequence", parts };
  }

  function repeated(inner: Node): Node {
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(source.slice(at, at + 16));
    if (!found) return inner;
    at += found[0].length;
    const sign = found[0][0];
    if (sign !== "{") {
      return { kind: "repeat", inner, least: sign === "+" ? 1 : 0, most: sign === "?" ? 1 : 1e9 };
    }
    const least = Number(found[1]);
    const most = found[3] !== "" ? Number(found[3]) : found[2] === "" ? least : 1e9;
    return { kind: "repeat", inner, least, most };
  }

  function atom(): Node {
    const character = source[at++];
    if (character === "(") return group();
    if (character === "[") return text(set());
    if (character === "\\") return text(escape());
    if (character === "^" || character === "$") return NOTHING;
    return text(character === "." ? ANY : [character]);
  }

  function group(): Node {
    const head = /^\?(?:<?[=!]|:|<\w+>)/.exec(source.slice(at, at + 30))?.[0] ?? "";
    at += head.length;
    const inner = choice();
    at++;
    // What is only looked at takes no text, and what must not follow is a good spoiler.
    return /[=!]/.test(head) ? { kind: "repeat", inner, least: 0, most: 1 } : inner;
  }

  function escape(): readonly string[] {
    const character = source[at++];
    if (character === "x" || character === "u") {
      const digits = /^\{[0-9a-f]+\}|^[0-9a-f]{2,4}/i.exec(
        source.slice(at, at + (character === "x" ? 2 : 8)),
      )?.[0] ?? "";
      const kept = digits.startsWith("{") ? digits : digits.slice(0, character === "x" ? 2 : 4);
      at += kept.length;
      return [String.fromCodePoint(parseInt(kept.replace(/[{}]/g, ""), 16) || 0)];
    }
    if (character === "b" || character === "B" || /[1-9]/.test(character)) return [""];
    if (character === "p" || character === "P") {
      at = source.indexOf("}", at) + 1;
      return ["a"];
    }
    return CLASS_SAMPLES[character] ?? [CONTROL[character] ?? character];
  }

  function set(): readonly string[] {
    const negated = source[at] === "^";
    if (negated) at++;
    const start = at;
    const members: string[] = [];
    while (source[at] !== "]" && at < source.length) {
      if (source[at] === "\\") {
        at++;
        members.push(...escape());
      } else members.push(source[at++]);
      if (source[at] === "-" && source[at + 1] !== "]") at++;
    }
    const body = source.slice(start, at++);
    if (!negated) {
      return members.length > 6 ? [...members.slice(0, 3), ...members.slice(-3)] : members;
    }
    const allowed = new RegExp(`[^${body}]`, "u".repeat(Number(/\\u\{/.test(body))));
    return ANY.filter((character) => allowed.test(character));
  }

  const text = (samples: readonly string[]): Node => ({ kind: "text", samples });
  return choice();
}
