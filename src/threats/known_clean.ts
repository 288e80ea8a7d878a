/**
 * Remembers texts that were found clean: thousands of requests carry the same few user agents and
 * paths, and reading one again costs more than all the rest of a plain request.
 */

export interface KnownClean {
  has(text: string): boolean;
  add(text: string): void;
}

const TEXT_LENGTH_MAX = 400;

/** Keeps at most `sizeMax` texts; when full it starts again, as any of them is cheap to relearn. */
export function createKnownClean(sizeMax: number): KnownClean {
  const texts = new Set<string>();
  return {
    has: (text) => texts.has(text),
    add(text) {
      if (text.length > TEXT_LENGTH_MAX) return;
      if (texts.size >= sizeMax) texts.clear();
      texts.add(text);
    },
  };
}
