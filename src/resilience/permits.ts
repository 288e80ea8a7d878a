/** How many things may go on at once in this isolate. Who finds no permit does not queue here. */

export interface Permits {
  /** Permits left. */
  readonly free: number;
  readonly taken: number;
  /** A function that gives the permit back (once), or undefined when none is left. */
  take(): (() => void) | undefined;
  /** Resolves when a permit comes back; at once when none is out. */
  returned(): Promise<void>;
}

export function createPermits(count: number): Permits {
  let taken = 0;
  let next = Promise.withResolvers<void>();

  return {
    get free() {
      return count - taken;
    },
    get taken() {
      return taken;
    },
    take() {
      if (taken >= count) return undefined;
      taken++;
      let isOut = true;
      return () => {
        if (!isOut) return;
        isOut = false;
        taken--;
        next.resolve();
        next = Promise.withResolvers();
      };
    },
    returned: () => taken === 0 ? Promise.resolve() : next.promise,
  };
}
