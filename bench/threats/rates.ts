/** Detection and false positives by class, as a table, and the headline rates under it. */
import type { Sample } from "./corpus.ts";

const REFUSED = 0.8;
const BLOCKED = 0.9;
/** A class counts in the macro rate from this many samples on. */
const CLASS_MIN = 10;

interface Tally {
  count: number;
  refused: number;
  blocked: number;
}

/** @param scores The score of each sample, 0 to 1. */
export function ratesOf(samples: readonly Sample[], scores: readonly number[]): string[] {
  const tallies = new Map<string, Tally>();
  samples.forEach((sample, at) => {
    const score = scores[at];
    const side = sample.attack ? "attack" : "benign";
    for (const key of [`${side} ${sample.tier} ${sample.kind}`, `${side} ${sample.tier}`]) {
      const tally = tallies.get(key) ?? { count: 0, refused: 0, blocked: 0 };
      tally.count++;
      if (score > REFUSED) tally.refused++;
      if (score > BLOCKED) tally.blocked++;
      tallies.set(key, tally);
    }
  });
  const rows = [...tallies].sort(([a], [b]) => a < b ? -1 : 1).map(([key, tally]) =>
    [
      key.padEnd(36),
      String(tally.count).padStart(6),
      percent(tally.refused, tally.count),
      percent(tally.blocked, tally.count),
    ].join(" ")
  );
  return [
    `${"class".padEnd(36)}      n  > 0.8 %  > 0.9 %`,
    ...rows,
    `macro detection (core classes of ${CLASS_MIN} and more): ${macro(tallies)} %`,
  ];
}

const percent = (part: number, whole: number) => (100 * part / whole).toFixed(2).padStart(8);

function macro(tallies: ReadonlyMap<string, Tally>): string {
  const classes = [...tallies]
    .filter(([key, { count }]) => /^attack core ./.test(key) && count >= CLASS_MIN)
    .map(([, { refused, count }]) => refused / count);
  return (100 * classes.reduce((a, b) => a + b, 0) / classes.length).toFixed(2);
}
