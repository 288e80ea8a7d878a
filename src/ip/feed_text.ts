/**
 * Reads a block list as it comes over the network: netset or plain text, an address or a CIDR a
 * line, with whatever stands behind it left out. Holds one line and the numbers read so far, within
 * bounds, and refuses what is not such a list, such as an error page.
 */
import { parseCidr } from "./cidr.ts";
import { createRangeSetBuilder, type RangeSet } from "./range_set.ts";

export interface FeedBounds {
  readonly bytesMax: number;
  readonly rangesMax: number;
}

export const FEED_BOUNDS: FeedBounds = { bytesMax: 16 * 1_024 * 1_024, rangesMax: 500_000 };

/** Longer ones are no entries of any list we know. */
const LINE_MAX = 512;
/** Lists with words in them exist; beyond this share it is something else. */
const BAD_LINES_MAX_SHARE = 0.1;

/** Throws `Error` when the list is too long, or no list. */
export async function readFeed(
  body: AsyncIterable<Uint8Array>,
  { bytesMax, rangesMax }: FeedBounds = FEED_BOUNDS,
): Promise<RangeSet> {
  const builder = createRangeSetBuilder();
  const decoder = new TextDecoder();
  let rest = "";
  let sizeBytes = 0;
  let good = 0;
  let bad = 0;

  const takeLine = (line: string) => {
    // `203.0.113.0/24 ; SBL123`, `203.0.113.9,attacks,7`, `203.0.113.9 # note`
    const [word] = line.trim().split(/[\s;,#]/, 1);
    if (word === "") return;
    const range = line.length <= LINE_MAX ? parseCidr(word) : "";
    if (typeof range === "string") return void bad++;
    if (++good > rangesMax) throw new Error(`The feed has more than ${rangesMax} ranges`);
    builder.add(range);
  };

  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > bytesMax) throw new Error(`The feed has more than ${bytesMax} bytes`);
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LINE_MAX) rest = "?".repeat(LINE_MAX + 1);
    lines.forEach(takeLine);
  }
  takeLine(rest + decoder.decode());
  if (good === 0 || bad > (good + bad) * BAD_LINES_MAX_SHARE) {
    throw new Error(`The feed is no list of addresses: ${good} lines can be read, ${bad} cannot`);
  }
  return builder.build();
}
