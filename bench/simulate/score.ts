/** What became of simulated traffic: over-admission, false refusals, trips to KV, waiting. */

export interface Decision {
  readonly client: number;
  readonly askedAt: number;
  readonly decidedAt: number;
  readonly allowed: boolean;
  readonly cost: number;
}

export interface Score {
  readonly requests: number;
  readonly admitted: number;
  /** Most of one client in any window, above the quota, as a share of it. */
  readonly over: number;
  /** Share refused of the requests of clients who never asked for more than the quota. */
  readonly falselyRefused: number;
  /** Share of honest requests decided without waiting, and how long the slowest 1 % waited. */
  readonly instant: number;
  readonly waitP99Ms: number;
}

export function score(decisions: readonly Decision[], quota: number, windowMs: number): Score {
  let most = 0;
  let admitted = 0;
  let honest = 0;
  let refused = 0;
  const waits: number[] = [];
  for (const list of byClient(decisions)) {
    const taken = list.filter((decision) => decision.allowed);
    admitted += taken.length;
    most = Math.max(most, peak(taken.map((d) => [d.decidedAt, d.cost]), windowMs));
    if (peak(list.map((d) => [d.askedAt, d.cost]), windowMs) > quota) continue;
    honest += list.length;
    refused += list.length - taken.length;
    for (const { askedAt, decidedAt } of list) waits.push(decidedAt - askedAt);
  }
  waits.sort((one, other) => one - other);
  return {
    requests: decisions.length,
    admitted,
    over: Math.max(0, most / quota - 1),
    falselyRefused: refused / Math.max(1, honest),
    instant: waits.filter((wait) => wait === 0).length / Math.max(1, waits.length),
    waitP99Ms: waits[Math.floor(waits.length * 0.99)] ?? 0,
  };
}

/** The largest sum of weights in any window of `windowMs`, its end not included. */
export function peak(moments: [at: number, weight: number][], windowMs: number): number {
  moments.sort((one, other) => one[0] - other[0]);
  let most = 0;
  let sum = 0;
  let first = 0;
  for (const [at, weight] of moments) {
    sum += weight;
    while (moments[first][0] <= at - windowMs) sum -= moments[first++][1];
    most = Math.max(most, sum);
  }
  return most;
}

function byClient(decisions: readonly Decision[]): Iterable<Decision[]> {
  const clients = new Map<number, Decision[]>();
  for (const decision of decisions) {
    const list = clients.get(decision.client);
    if (list) list.push(decision);
    else clients.set(decision.client, [decision]);
  }
  return clients.values();
}
