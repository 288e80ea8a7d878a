/** Whether this isolate can do its work: what a load balancer asks before it sends traffic. */
import { keys } from "../kv/keys.ts";
import type { Kv } from "../kv/kv.ts";
import { type Clock, SECOND } from "../time.ts";

export interface ReadinessOptions {
  readonly kv: Pick<Kv, "get">;
  readonly clock: Clock;
}

/**
 * A function that says whether KV answers. However often it is asked, KV is asked once a second at
 * most, so that health checks cannot become a flood.
 */
export function createReadiness({ kv, clock }: ReadinessOptions): () => Promise<boolean> {
  let answer: Promise<boolean> | undefined;
  let askedAt = -Infinity;
  return () => {
    const now = clock.monotonic();
    if (!answer || now - askedAt >= SECOND) {
      askedAt = now;
      answer = kv.get(keys.deployment()).then(() => true, () => false);
    }
    return answer;
  };
}
