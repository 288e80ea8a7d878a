/** The uses that an isolate has admitted and not yet reported to KV, slot by slot. */

export interface Uses {
  readonly slot: number;
  /** Covered by the lease that the record holds. */
  readonly backed: number;
  /** Admitted on credit, or noted after the fact: the record knows nothing of them. */
  readonly unbacked: number;
}

export const NO_USES: readonly Uses[] = [];

/** Adds the uses of the newest slot. */
export function append(list: readonly Uses[], uses: Uses): readonly Uses[] {
  const last = list.at(-1);
  if (last?.slot !== uses.slot) return [...list, uses];
  const backed = last.backed + uses.backed;
  const unbacked = last.unbacked + uses.unbacked;
  return [...list.slice(0, -1), { slot: uses.slot, backed, unbacked }];
}

/** Joins an older list and a newer one, which may begin in the slot where the older one ends. */
export function join(older: readonly Uses[], newer: readonly Uses[]): readonly Uses[] {
  return newer.reduce(append, older);
}

/** The uses from `slot` on. */
export function since(list: readonly Uses[], slot: number): readonly Uses[] {
  return list.length > 0 && list[0].slot < slot ? list.filter((uses) => uses.slot >= slot) : list;
}

/** What is left to report when the lease behind these uses is given up as counted. */
export function onlyUnbacked(list: readonly Uses[]): readonly Uses[] {
  return list.filter(({ unbacked }) => unbacked > 0).map((uses) => ({ ...uses, backed: 0 }));
}

/**
 * Lets up to `permits` of a lease that holds until slot `until` stand for unbacked uses. Answers
 * the new list and the permits left.
 */
export function repay(
  list: readonly Uses[],
  permits: number,
  until: number,
): { readonly uses: readonly Uses[]; readonly left: number } {
  let left = permits;
  const uses = list.map(({ slot, backed, unbacked }) => {
    // A slot after the lease's own would be forgotten later than the permits that stand for it.
    const repaid = slot <= until ? Math.min(unbacked, left) : 0;
    left -= repaid;
    return { slot, backed: backed + repaid, unbacked: unbacked - repaid };
  });
  return { uses, left };
}

/** Sum of the unbacked uses. */
export function unbackedIn(list: readonly Uses[]): number {
  return list.reduce((sum, uses) => sum + uses.unbacked, 0);
}
