/** Asks AbuseIPDB (https://docs.abuseipdb.com, API v2) how often an address was reported. */
import { z } from "zod";
import { DAY } from "../time.ts";
import {
  askProvider,
  type Opinion,
  ProviderError,
  type ProviderOptions,
  type ReputationProvider,
} from "./reputation_provider.ts";

const MAX_AGE_DAYS = 90;
/** Reports of fewer people, or older ones, are half as much worth. */
const REPORTERS_MIN = 3;
const RECENT_MS = 30 * DAY;
/** "Watch" in the thresholds commonly used with it; 75 is where people act. */
const DOUBTFUL = 25;

const checkAnswer = z.object({
  data: z.object({
    isWhitelisted: z.boolean().nullish(),
    abuseConfidenceScore: z.number().min(0).max(100),
    countryCode: z.string().length(2).nullish().catch(undefined),
    isTor: z.boolean().nullish(),
    numDistinctUsers: z.number().nullish(),
    lastReportedAt: z.string().nullish(),
  }),
});

type Check = z.infer<typeof checkAnswer>["data"];

export function createAbuseIpdb(options: ProviderOptions): ReputationProvider {
  const { key, baseUrl, dailyQuota, fetch, clock } = options;
  return {
    name: "abuseipdb",
    dailyQuota,
    isCostly: false,
    async check(ip, signal) {
      const url = new URL("api/v2/check", baseUrl);
      url.searchParams.set("ipAddress", ip);
      url.searchParams.set("maxAgeInDays", String(MAX_AGE_DAYS));
      const answer = await askProvider({ url, headers: { key }, signal, fetch });
      const parsed = checkAnswer.safeParse(answer);
      if (!parsed.success) throw new ProviderError("failed", "not an answer of this API");
      return opinionOf(parsed.data.data, clock.now());
    },
  };
}

function opinionOf(check: Check, now: number): Opinion {
  const { abuseConfidenceScore, numDistinctUsers, lastReportedAt, countryCode } = check;
  const country = countryCode ?? undefined;
  if (check.isWhitelisted) return { score: 0, country, isDoubtful: false };
  const isOld = lastReportedAt ? Date.parse(lastReportedAt) < now - RECENT_MS : false;
  const isThin = (numDistinctUsers ?? 0) < REPORTERS_MIN;
  const reported = 0.9 * abuseConfidenceScore / 100 * (isOld || isThin ? 0.5 : 1);
  const score = Math.min(1, reported + (check.isTor ? 0.2 : 0));
  return { score, country, isDoubtful: abuseConfidenceScore >= DOUBTFUL };
}
