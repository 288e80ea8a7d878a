/**
 * Asks IPQualityScore (https://www.ipqualityscore.com/documentation) how likely an address is to be
 * used for fraud. Its key is part of the URL's path, and its refusals come with status 200.
 */
import { z } from "zod";
import {
  askProvider,
  type Opinion,
  ProviderError,
  type ProviderOptions,
  type ReputationProvider,
} from "./reputation_provider.ts";

const answerSchema = z.object({
  success: z.boolean(),
  message: z.string().catch(""),
  fraud_score: z.number().min(0).max(100).optional(),
  country_code: z.string().length(2).optional().catch(undefined),
  is_crawler: z.boolean().optional(),
  tor: z.boolean().optional(),
});

type Answer = z.infer<typeof answerSchema>;

/** Its own scale: 75 suspicious (a VPN is no proof), 85 high risk, 90 abuse in the last days. */
const SCALE: readonly (readonly [fraud: number, score: number])[] = [[90, 0.8], [85, 0.6], [
  75,
  0.3,
]];

export function createIpQualityScore(options: ProviderOptions): ReputationProvider {
  const { key, baseUrl, dailyQuota, fetch } = options;
  return {
    name: "ipqualityscore",
    dailyQuota,
    // A free plan has 33 questions a day.
    isCostly: true,
    async check(ip, signal) {
      const url = new URL(`api/json/ip/${key}/${encodeURIComponent(ip)}`, baseUrl);
      url.searchParams.set("strictness", "0");
      url.searchParams.set("allow_public_access_points", "true");
      url.searchParams.set("fast", "true");
      const parsed = answerSchema.safeParse(await askProvider({ url, signal, fetch }));
      if (!parsed.success) throw new ProviderError("failed", "not an answer of this API");
      if (!parsed.data.success) throw refusalOf(parsed.data.message);
      if (parsed.data.fraud_score === undefined) throw new ProviderError("failed", "no score");
      return opinionOf(parsed.data, parsed.data.fraud_score);
    },
  };
}

const QUOTA_PAUSE_MS = 3_600_000;

/** It tells by words what others tell by status. */
function refusalOf(message: string): ProviderError {
  if (/quota|credits|exceeded|limit/i.test(message)) {
    return new ProviderError("quota", "out of credits", QUOTA_PAUSE_MS);
  }
  if (/key|account|unauthori[sz]ed/i.test(message)) {
    return new ProviderError("refused", "key not accepted");
  }
  if (/invalid ip|ip address/i.test(message)) {
    return new ProviderError("unknown", "no such address");
  }
  return new ProviderError("failed", "refused for another reason");
}

function opinionOf({ country_code: country, is_crawler, tor }: Answer, fraud: number): Opinion {
  // It verifies search engines itself, and a site wants to be found.
  if (is_crawler) return { score: 0, country, isDoubtful: false };
  const [, step = 0] = SCALE.find(([from]) => fraud >= from) ?? [];
  return { score: Math.min(1, step + (tor ? 0.2 : 0)), country, isDoubtful: step > 0 };
}
