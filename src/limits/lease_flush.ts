/**
 * Settles with KV when an isolate stops: uses are reported into their own slots and unused permits
 * given back, so that a restart does not cost the clients what was leased for them.
 */
import type { Clock } from "../time.ts";
import type { Lease } from "./lease.ts";
import type { Flights } from "./lease_flight.ts";

export interface FlushOptions {
  readonly clock: Clock;
  readonly flights: Flights;
  /** No commit is begun after this long. What is left then stays counted in KV as leased. */
  readonly deadlineMs: number;
}

const KEYS_PER_COMMIT = 6;
const COMMITS_AT_ONCE = 8;

/** Never rejects: what KV does not take stays on the safe side, as used. */
export async function flushLeases(leases: Iterable<Lease>, options: FlushOptions): Promise<void> {
  const { clock, flights, deadlineMs } = options;
  const endsAt = clock.monotonic() + deadlineMs;
  const dirty = mostAtStakeLast(leases);

  async function work(): Promise<void> {
    while (dirty.length > 0 && clock.monotonic() < endsAt) {
      const group = dirty.splice(-KEYS_PER_COMMIT);
      await Promise.allSettled(group.map((lease) => lease.ledger.flight));
      await Promise.allSettled([close(group.filter((lease) => !lease.isFlying))]);
    }
  }

  async function close(group: readonly Lease[]): Promise<void> {
    const flight = flights.fly(group, true);
    for (const lease of group) lease.ledger.flight = flight;
    try {
      await flight;
    } finally {
      for (const lease of group) lease.ledger.flight = undefined;
    }
  }

  await Promise.all(Array.from({ length: COMMITS_AT_ONCE }, work));
}

/** When time runs out, what is left should be what matters least. */
function mostAtStakeLast(leases: Iterable<Lease>): Lease[] {
  const stakes: { readonly lease: Lease; readonly atStake: number }[] = [];
  for (const lease of leases) {
    const { atStake } = lease;
    if (atStake > 0) stakes.push({ lease, atStake });
  }
  return stakes.sort((one, other) => one.atStake - other.atStake).map(({ lease }) => lease);
}
