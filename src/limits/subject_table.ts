/**
 * What is remembered of each subject of one limit, in two generations: subjects not asked for
 * during a whole generation are forgotten all at once, but for those that are still of use. The
 * number of subjects has a hard bound; beyond it newcomers share a fixed number of buckets, and
 * nobody is thrown out.
 */

/** Room that several tables share. */
export interface SubjectBudget {
  /** How many subjects all tables together may still take in. */
  left: number;
}

export interface SubjectTableOptions<Value> {
  readonly budget: SubjectBudget;
  /** How long a subject is remembered at least, counted from when it was last asked for. */
  readonly generationMs: number;
  readonly create: (subject: string, nowMs: number) => Value;
  /** Whether a value is still of use though nobody asks for it. */
  readonly isOfUse: (value: Value, nowMs: number) => boolean;
  /** The group whose bucket a newcomer shares when there is no room, such as its network. */
  readonly overflowOf: (subject: string) => string;
  /** Called when there is no room, so that other tables can be told to forget. */
  readonly makeRoom?: (nowMs: number) => void;
}

/** Buckets for all the newcomers beyond the bound. */
const OVERFLOW_BUCKETS = 1_024;

/**
 * A table may grow to this many times what is left for all: a flood of addresses under one limit
 * then always leaves room for the subjects of the others.
 */
const GREED = 2;

export class SubjectTable<Value> {
  #current = new Map<string, Value>();
  #previous = new Map<string, Value>();
  #turnedAt = 0;
  readonly #overflow: (Value | undefined)[] = new Array(OVERFLOW_BUCKETS).fill(undefined);
  /** Look-ups answered with a shared bucket. */
  shared = 0;
  readonly #options: SubjectTableOptions<Value>;

  constructor(options: SubjectTableOptions<Value>) {
    this.#options = options;
  }

  /** Subjects remembered, without the shared buckets. */
  get size(): number {
    return this.#current.size + this.#previous.size;
  }

  /** What is remembered of the subject, or of the bucket it shares. */
  get(subject: string, nowMs: number): Value {
    this.turn(nowMs);
    const value = this.#current.get(subject);
    return value !== undefined ? value : this.#recall(subject, nowMs);
  }

  /** Starts a new generation if it is time. A clock set back makes this one last longer. */
  turn(nowMs: number): void {
    const { budget, generationMs, isOfUse } = this.#options;
    const ageMs = nowMs - this.#turnedAt;
    if (ageMs < generationMs && ageMs >= 0) return;
    this.#turnedAt = nowMs;
    if (ageMs < 0) return;
    const isLate = ageMs >= 2 * generationMs;
    const next = isLate ? new Map<string, Value>() : this.#current;
    for (const generation of isLate ? [this.#previous, this.#current] : [this.#previous]) {
      for (const [subject, value] of generation) {
        if (isOfUse(value, nowMs)) next.set(subject, value);
        else budget.left++;
      }
    }
    this.#previous = next;
    this.#current = new Map();
  }

  *values(): Generator<Value> {
    yield* this.#current.values();
    yield* this.#previous.values();
    for (const value of this.#overflow) if (value !== undefined) yield value;
  }

  #recall(subject: string, nowMs: number): Value {
    let value = this.#previous.get(subject);
    if (value !== undefined) {
      this.#previous.delete(subject);
    } else {
      if (!this.#hasRoom()) this.#options.makeRoom?.(nowMs);
      if (!this.#hasRoom()) return this.#share(this.#options.overflowOf(subject), nowMs);
      this.#options.budget.left--;
      value = this.#options.create(subject, nowMs);
    }
    this.#current.set(subject, value);
    return value;
  }

  #hasRoom(): boolean {
    const { left } = this.#options.budget;
    return left > 0 && this.size < GREED * left;
  }

  #share(group: string, nowMs: number): Value {
    this.shared++;
    const bucket = hash(group) % OVERFLOW_BUCKETS;
    return this.#overflow[bucket] ??= this.#options.create(`~overflow/${bucket}`, nowMs);
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
