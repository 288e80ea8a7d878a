/** The reputation providers that have a key in the settings, in the order they are asked. */
import type { Config } from "../config.ts";
import { createAbuseIpdb } from "./abuseipdb.ts";
import { createIpQualityScore } from "./ipqualityscore.ts";
import {
  createProviderDoor,
  type ProviderDoor,
  type ProviderDoorOptions,
} from "./provider_door.ts";

export interface ConfiguredProvidersOptions extends Omit<ProviderDoorOptions, "provider"> {
  readonly config: Config;
  readonly fetch: typeof globalThis.fetch;
}

/** None without a key: then only feeds speak. */
export function configuredProviders(options: ConfiguredProvidersOptions): ProviderDoor[] {
  const { config, fetch, clock } = options;
  const abuseIpdb = config.ABUSEIPDB_KEY && createAbuseIpdb({
    key: config.ABUSEIPDB_KEY,
    baseUrl: config.ABUSEIPDB_URL,
    dailyQuota: config.ABUSEIPDB_DAILY_QUOTA,
    fetch,
    clock,
  });
  const ipQualityScore = config.IPQUALITYSCORE_KEY && createIpQualityScore({
    key: config.IPQUALITYSCORE_KEY,
    baseUrl: config.IPQUALITYSCORE_URL,
    dailyQuota: config.IPQUALITYSCORE_DAILY_QUOTA,
    fetch,
    clock,
  });
  return [abuseIpdb, ipQualityScore].flatMap((provider) =>
    provider ? createProviderDoor({ ...options, provider }) : []
  );
}
