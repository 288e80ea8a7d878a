/**
 * A turn for each password hash: one takes 20 MB and a core, so two run at a time, twenty wait, and
 * who comes after them is told to come back. Strangers can ask for hashes, so this is the bound.
 */
import { AppError } from "../errors/app_error.ts";

export interface HashQueue {
  /** Throws `TEMPORARILY_UNAVAILABLE` at once when the queue is full. */
  run<Result>(hash: () => Promise<Result>): Promise<Result>;
}

const RUNNING_MAX = 2;
const WAITING_MAX = 20;
/** Twenty hashes, two at a time, at 40 ms (Argon2id) to 420 ms (scrypt) each. */
const RETRY_AFTER_SECONDS = "4";

export function createHashQueue(): HashQueue {
  let running = 0;
  const waiting: (() => void)[] = [];

  return {
    async run(hash) {
      if (running >= RUNNING_MAX) {
        if (waiting.length >= WAITING_MAX) {
          const headers = { "retry-after": RETRY_AFTER_SECONDS };
          throw new AppError("TEMPORARILY_UNAVAILABLE", { headers });
        }
        // Whoever ends hands its turn over, so `running` stays as it is.
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else {
        running++;
      }
      try {
        return await hash();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
  };
}
