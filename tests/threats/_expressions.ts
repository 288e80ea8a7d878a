/**
 * Every regular expression in the tree: the literals, found by reading the source, and those that
 * are put together when a module is loaded, found by watching the constructor. No list to keep.
 */

export interface Expression {
  readonly where: string;
  readonly pattern: RegExp;
}

const ROOT = new URL("../../", import.meta.url);
/** What stands in front of a `/` that divides. */
const ENDS_VALUE = /[\w)\]}"'`$]\s*$/;
const KEYWORD = /(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|void)\s*$/;

/** The expressions in the sources under `folders`. */
export async function expressionsOf(folders: readonly string[]): Promise<Expression[]> {
  const files = folders.flatMap((folder) => sourcesIn(new URL(`${folder}/`, ROOT)));
  const found: Expression[] = [];
  for (const file of files) {
    const where = file.pathname.slice(ROOT.pathname.length);
    for (const pattern of literalsIn(Deno.readTextFileSync(file))) found.push({ where, pattern });
  }
  return [...found, ...await constructedIn(files)];
}

function sourcesIn(folder: URL): URL[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return sourcesIn(new URL(`${name}/`, folder));
    return /\.tsx?$/.test(name) ? [new URL(name, folder)] : [];
  });
}

/** Reads past comments, strings and templates, as far as they can hold a slash. */
export function literalsIn(source: string): RegExp[] {
  const found: RegExp[] = [];
  let at = 0;
  while (at < source.length) {
    const two = source.slice(at, at + 2);
    if (two === "//") at = indexOr(source, "\n", at);
    else if (two === "/*") at = indexOr(source, "*/", at + 2) + 2;
    else if (source[at] === '"' || source[at] === "'" || source[at] === "`") {
      at = endOfQuoted(source, at);
    } else if (source[at] === "/" && beginsLiteral(source.slice(Math.max(0, at - 40), at))) {
      const literal = /^\/((?:[^/[\\\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([a-z]*)/.exec(
        source.slice(at, at + 8_000),
      );
      if (literal) found.push(new RegExp(literal[1], literal[2]));
      at += literal?.[0].length ?? 1;
    } else at++;
  }
  return found;
}

const beginsLiteral = (before: string) => !ENDS_VALUE.test(before) || KEYWORD.test(before);

function endOfQuoted(source: string, from: number): number {
  for (let at = from + 1; at < source.length; at++) {
    if (source[at] === "\\") at++;
    else if (source[at] === source[from]) return at + 1;
  }
  return source.length;
}

function indexOr(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at;
}

/** What the modules put together while they are loaded, each as a module of its own. */
async function constructedIn(files: readonly URL[]): Promise<Expression[]> {
  const found: Expression[] = [];
  const Native = globalThis.RegExp;
  let where = "";
  globalThis.RegExp = new Proxy(Native, {
    construct(target, parts: [string, string?]) {
      const pattern = new target(...parts);
      found.push({ where, pattern });
      return pattern;
    },
  });
  try {
    for (const file of files) {
      if (!Deno.readTextFileSync(file).includes("new RegExp(")) continue;
      where = file.pathname.slice(ROOT.pathname.length);
      // A query makes it another module, which is loaded again.
      await import(`${file.href}?watched`);
    }
  } finally {
    globalThis.RegExp = Native;
  }
  return found.filter(({ pattern }) => pattern instanceof Native);
}
