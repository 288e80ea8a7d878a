/**
 * When an address is blocked without anybody's doing, and for how long. One strong payload is a
 * strike and no block: 2 in 1,000 honest requests of the development corpus scored 0.9 or more
 * (notes/threats.md 5.9), and behind an address may be an office. So it takes breadth: payloads of
 * different kinds or in different fields, or one of an address that something else speaks against.
 */
import { HOUR, SECOND } from "../time.ts";

/** What is known when a request was refused. Scores are 0 to 1. */
export interface Evidence {
  /** The score of the request's own content. */
  readonly payload: number;
  /** The request's whole score. */
  readonly risk: number;
  /** Strong payloads of this client within 10 minutes that stand apart, by text, field and kind. */
  readonly distinctPayloads: number;
  /** Whether a bad reputation or suspicious behaviour speaks against it, whatever it sent. */
  readonly corroborated: boolean;
}

export interface BlockRule {
  /** `BLOCK_STRIKES`. */
  readonly strikes: number;
  /** `BLOCK_SECONDS` and `BLOCK_MAX_SECONDS`. */
  readonly seconds: number;
  readonly secondsMax: number;
}

const STRONG_PAYLOAD = 0.9;
const BLOCK_RISK = 0.9;
/** A block this long over does not count as a first one. */
export const REPEAT_WITHIN_MS = 24 * HOUR;

export function deservesBlock(evidence: Evidence, { strikes }: BlockRule): boolean {
  const { payload, risk, distinctPayloads, corroborated } = evidence;
  if (payload < STRONG_PAYLOAD) return false;
  return distinctPayloads >= strikes || (risk > BLOCK_RISK && corroborated);
}

/** How long the `times`-th block in a row lasts. */
export function blockMs(times: number, { seconds, secondsMax }: BlockRule): number {
  return Math.min(seconds * 2 ** (times - 1), secondsMax) * SECOND;
}
