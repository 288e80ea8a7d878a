/** The task that reads the lists of bad addresses again. */
import { z } from "zod";
import type { Feeds } from "./feeds.ts";

/** For `defineTask`. */
export function feedsTask(feeds: Pick<Feeds, "refresh">) {
  return {
    name: "ip.feeds",
    schema: z.object({}),
    priority: "low" as const,
    concurrency: 1,
    run: () => feeds.refresh(),
  };
}
