/** What the tasks of a fleet run do, and how many of each there are. */
import { z } from "zod";

export const FLEET_KINDS = [
  "plain",
  "long",
  "flaky",
  "failing",
  "permanent",
  "poison",
  "parent",
] as const;
export type FleetKind = typeof FLEET_KINDS[number];

export const fleetPayload = z.object({ kind: z.enum(FLEET_KINDS), ms: z.number() });
export type FleetPayload = z.infer<typeof fleetPayload>;

/** Of 2,000; the rest is plain. */
const OF_2000: Readonly<Partial<Record<FleetKind, number>>> = {
  poison: 5,
  failing: 20,
  permanent: 20,
  flaky: 100,
  long: 40,
  parent: 60,
};

/** Those that must end as dead letters, and nobody else. */
export const DYING: ReadonlySet<FleetKind> = new Set(["poison", "failing", "permanent"]);

/** The mix for `count` tasks, shuffled; without those kinds. */
export function planFleet(
  count: number,
  leaseMs: number,
  random: () => number,
  without: readonly FleetKind[] = [],
): FleetPayload[] {
  const kinds = FLEET_KINDS.filter((kind) => !without.includes(kind)).flatMap((kind) =>
    Array.from({ length: Math.ceil((OF_2000[kind] ?? 0) * count / 2_000) }, () => kind)
  );
  while (kinds.length < count) kinds.push("plain");
  for (let last = kinds.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [kinds[last], kinds[other]] = [kinds[other], kinds[last]];
  }
  // Half a lease: long enough to need heartbeats.
  const msOf = (kind: FleetKind) => kind === "long" ? leaseMs * 0.5 : random() * 15;
  return kinds.map((kind) => ({ kind, ms: Math.round(msOf(kind)) }));
}
