/** Which of the tasks that wait go first. Pure. */

/** How the permits go to high, normal and low while all three have work: none of them starves. */
const WEIGHTS = [8, 3, 1];
/** Drawn from so many times as are wanted, so that isolates seldom want the same task. */
const HEAD = 4;

/** `count` of the ids, by weight of their band, each drawn at random from the head of its band. */
export function pick(
  bands: readonly (readonly string[])[],
  count: number,
  random: () => number,
): string[] {
  const left = bands.map((ids) => [...ids]);
  const picked: string[] = [];
  while (picked.length < count) {
    const weights = left.map((ids, band) => ids.length > 0 ? WEIGHTS[band] : 0);
    let place = random() * weights.reduce((sum, weight) => sum + weight, 0);
    const band = weights.findIndex((weight) => (place -= weight) < 0);
    if (band < 0) break;
    const head = Math.min(left[band].length, HEAD * count);
    picked.push(...left[band].splice(Math.floor(random() * head), 1));
  }
  return picked;
}
