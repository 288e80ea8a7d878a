/**
 * What follows from a request's threat score: it is weighed against what is known of the sender,
 * refused or not, written down, and the sender perhaps blocked. Nothing here waits for KV.
 */
import { type GateContext, userKey } from "../src/context.ts";
import type { ErrorCode } from "../src/errors/codes.ts";
import type { NewSecurityEvent } from "../src/incidents/event_types.ts";
import type { CountryOf } from "../src/ip/country.ts";
import type { Services } from "../src/services.ts";
import { type Attempt, attemptIn } from "../src/threats/attempt.ts";
import { combineRisk, decide } from "../src/threats/decision.ts";
import type { ThreatScore } from "../src/threats/engine.ts";
import { shownField } from "../src/threats/excerpt.ts";
import { type Finding, protocolFinding } from "../src/threats/score.ts";
import type { ThreatMode } from "../src/threats/path_rules.ts";
import { tellsOfSender } from "./initiator.ts";

export type ThreatVerdict = (
  context: GateContext,
  request: Request,
  score: ThreatScore,
  mode: ThreatMode,
) => ErrorCode | undefined;

/** A score from which a payload is worth looking its sender up for. */
const NOTABLE = 0.3;
/** From here on a reputation speaks against its sender, whatever was sent. */
const LISTED = 0.5;
/** What a busy office reaches by itself; guessing passwords or paths is above it. */
const ABUSE_ALONE = 0.5;
/** For a reader that says no more than that something could not be read. */
const UNREAD = protocolFinding("request/unread", 0, "request");

export function createThreatVerdict(services: Services): ThreatVerdict {
  const { config, blocks, suspicion, reputation, countryOf, countryRules, incidents } = services;
  const thresholds = { risk: config.RISK_THRESHOLD, block: config.BLOCK_THRESHOLD };
  const gateEnforces = config.GATE_MODE === "enforce";
  const ruledCountry = createRuledCountry(services);

  /** Tells the blocks of an attempt; what they make of it concerns later requests. */
  const strike = ({ client, user }: GateContext, attempt: Attempt, risk: number, known: number) => {
    const { score, payload, marks } = attempt;
    const { subject } = client;
    const sender = user ? `user:${userKey(user)}` : subject;
    return blocks.consider({
      subject,
      user: user?.id,
      risk,
      payload: score,
      distinctPayloads: suspicion.notePayload(sender, payload, score, marks),
      corroborated: known >= LISTED || suspicion.behaviourOf(subject) > ABUSE_ALONE,
    });
  };

  return (context, request, score, mode) => {
    const { method, headers } = request;
    const { client } = context;
    const known = reputation.peek(client) ?? 0;
    const behaviour = suspicion.behaviourOf(client.subject);
    const risk = combineRisk({
      payload: score.payload,
      reputation: known,
      behaviour: Math.min(1, behaviour + countryRules.riskOf(ruledCountry(client, headers))),
    });
    context.risk = risk;
    if (score.payload >= NOTABLE) reputation.want(client, score.payload);
    const { action, enforced } = decide({ risk, unread: score.unread }, mode, thresholds);
    if (action === "pass") return undefined;

    const event = { ...eventOf(context, score, risk), method, country: countryOf(client, headers) };
    // A rule may watch where the gate enforces, never enforce where the gate only watches.
    const refuses = enforced && gateEnforces;
    incidents.note({ ...event, type: "threat", action: refuses ? "refuse" : "monitor" });
    if (!refuses) return undefined;
    const attempt = action === "refuse_and_block" ? attemptIn(score.findings) : undefined;
    // No page can make a browser call itself a scanner.
    if (attempt && (attempt.byScanner || tellsOfSender(request, () => context.host))) {
      const outcome = strike(context, attempt, risk, known);
      if (outcome === "flagged") incidents.note({ ...event, type: "user_flagged", action: "flag" });
    }
    return "REQUEST_BLOCKED";
  };
}

/** Looking a country up takes microseconds, so for a rule it is done where there is one. */
export function createRuledCountry(
  { config, countryOf }: Pick<Services, "config" | "countryOf">,
): CountryOf {
  const hasRules = config.COUNTRY_DENY.length > 0 || Object.keys(config.COUNTRY_RISK).length > 0;
  return hasRules ? countryOf : () => undefined;
}

function eventOf(
  { requestId, client, path, user }: GateContext,
  { findings, unread }: ThreatScore,
  score: number,
): Omit<NewSecurityEvent, "type" | "action"> {
  const signals = (unread ? withUnread(findings) : findings).map((
    { signal, confidence, field, excerpt },
  ) => ({
    name: signal,
    confidence,
    field: shownField(field),
    excerpt,
  }));
  return { requestId, ip: client.ip, path, user: user?.id, score, signals };
}

/** Why it was refused although nothing was found comes first, whatever else there is to tell. */
function withUnread(findings: readonly Finding[]): readonly Finding[] {
  const cause = findings.find(({ signal }) => signal.endsWith("/unread")) ?? UNREAD;
  return [cause, ...findings.filter((finding) => finding !== cause)];
}
