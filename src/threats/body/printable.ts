/** The stretches of text inside coded bytes, for which chance is no explanation. */

export interface Run {
  readonly text: string;
  readonly bytes: Uint8Array;
}

const RUN_MIN = 16;
const RUNS_MAX = 64;

export function printableRuns(bytes: Uint8Array): Run[] {
  const runs: Run[] = [];
  let from = 0;
  for (let at = 0; at <= bytes.length && runs.length < RUNS_MAX; at++) {
    if (at < bytes.length && isPrintable(bytes[at])) continue;
    if (at - from >= RUN_MIN) runs.push(toRun(bytes.subarray(from, at)));
    from = at + 1;
  }
  return runs;
}

function toRun(bytes: Uint8Array): Run {
  return { text: new TextDecoder().decode(bytes), bytes };
}

const isPrintable = (byte: number) =>
  byte >= 32 && byte < 127 || byte === 9 || byte === 10 || byte === 13;
