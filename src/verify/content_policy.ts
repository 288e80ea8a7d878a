/** Reads Content-Security-Policy as browsers do, as far as it decides what a script may be. */

type Directives = ReadonlyMap<string, readonly string[]>;

/** Each policy of a header; a page must satisfy all of them. */
export function readPolicies(header: string | null): readonly Directives[] {
  if (!header) return [];
  return header.split(",").map((policy) => {
    const directives = new Map<string, readonly string[]>();
    for (const part of policy.split(";")) {
      const [name, ...sources] = part.trim().split(/\s+/);
      // Of two directives of one name the first counts.
      if (name && !directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), sources);
    }
    return directives;
  });
}

/** What of a policy lets foreign scripts run, or undefined when nothing does. */
export function scriptHole(policy: Directives): string | undefined {
  const sources = policy.get("script-src") ?? policy.get("default-src");
  if (!sources) return "no script-src and no default-src";
  const words = sources.map((source) => source.toLowerCase());
  const isStrict = words.includes("'strict-dynamic'");
  // A nonce or hash makes browsers ignore 'unsafe-inline', 'strict-dynamic' the host sources.
  const isNamed = words.some((word) => /^'(?:nonce|sha\d{3})-/.test(word));
  const hole = words.find((word) =>
    word === "'unsafe-eval'" ||
    (word === "'unsafe-inline'" && !isNamed) ||
    (!isStrict && /^(?:\*|https?:|data:|blob:|https?:\/\/\*)$/.test(word))
  );
  return hole && `scripts may be ${hole}`;
}

/** Which ways around the scripts' sources a policy leaves open. */
export function detours(policy: Directives): string[] {
  const isNone = (name: string) =>
    (policy.get(name) ?? policy.get("default-src"))?.join().toLowerCase() === "'none'";
  return [
    ...isNone("object-src") ? [] : ["object-src is not 'none'"],
    // Unlike the others, base-uri does not fall back to default-src.
    ...policy.has("base-uri") ? [] : ["no base-uri"],
  ];
}

/** Whether a policy keeps the page out of frames of any site. */
export function isFramingLimited(policy: Directives): boolean {
  const ancestors = policy.get("frame-ancestors");
  return ancestors !== undefined && !ancestors.some((source) => /^(?:\*|https?:)$/.test(source));
}
