/**
 * Finds the lease of a claim: a table of subjects for each limit, and one bound over all of them.
 */
import { SECOND } from "../time.ts";
import { Lease } from "./lease.ts";
import { checkSame, type LeaseLimit, type LeaseRules, leaseRules } from "./lease_rules.ts";
import { slotAt } from "./ring.ts";
import { type SubjectBudget, SubjectTable } from "./subject_table.ts";

/** One limit that a request must pass, and whose requests are counted together under it. */
export interface Claim {
  readonly limit: LeaseLimit;
  readonly subject: string;
}

export interface LeaseBookOptions {
  readonly clockSkewMs: number;
  readonly maxSubjects: number;
  readonly overflowOf: (subject: string) => string;
}

export interface LeaseBook {
  /** The lease of a claim, gone on to the present slot. */
  find(claim: Claim, nowMs: number): Lease;
  leases(): Generator<Lease>;
  subjects(): number;
  /** Look-ups answered with a shared bucket. */
  overflowed(): number;
}

interface Page {
  readonly rules: LeaseRules;
  readonly table: SubjectTable<Lease>;
}

/** Limits are made at start-up; more than these means that they are made for each request. */
const LIMITS_MAX = 256;

/** How often this is tried at most: under a flood there is no room for each newcomer. */
const RECLAIM_EVERY_MS = SECOND;

export function createLeaseBook(options: LeaseBookOptions): LeaseBook {
  const pages = new Map<string, Page>();
  const budget: SubjectBudget = { left: options.maxSubjects };
  let reclaimsAt = 0;

  function open(limit: LeaseLimit): Page {
    if (pages.size >= LIMITS_MAX) {
      throw new RangeError(`Cannot count limit "${limit.name}": ${LIMITS_MAX} are in use`);
    }
    const rules = leaseRules(limit, options.clockSkewMs);
    const { shape } = rules;
    const page = {
      rules,
      table: new SubjectTable({
        budget,
        generationMs: (shape.past + 1) * shape.slotMs,
        create: (subject, nowMs) => new Lease(rules, subject, slotAt(nowMs, shape)),
        isOfUse: (lease, nowMs) => lease.isCounted(slotAt(nowMs, shape)),
        overflowOf: options.overflowOf,
        makeRoom: reclaim,
      }),
    };
    pages.set(limit.name, page);
    return page;
  }

  function pageOf(limit: LeaseLimit): Page {
    const page = pages.get(limit.name) ?? open(limit);
    if (page.rules.limit !== limit) checkSame(page.rules.limit, limit);
    return page;
  }

  /** Lets tables forget whose generations ended while nobody asked. */
  function reclaim(nowMs: number): void {
    if (nowMs < reclaimsAt && reclaimsAt - nowMs <= RECLAIM_EVERY_MS) return;
    reclaimsAt = nowMs + RECLAIM_EVERY_MS;
    for (const { table } of pages.values()) table.turn(nowMs);
  }

  return {
    find({ limit, subject }, nowMs) {
      const { rules, table } = pageOf(limit);
      const lease = table.get(subject, nowMs);
      lease.enter(slotAt(nowMs, rules.shape));
      return lease;
    },
    *leases() {
      for (const { table } of pages.values()) yield* table.values();
    },
    subjects: () => options.maxSubjects - budget.left,
    overflowed: () => pages.values().reduce((sum, { table }) => sum + table.shared, 0),
  };
}
