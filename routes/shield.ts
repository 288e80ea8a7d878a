/**
 * What the gate does about threats, in three moments: at the door (who may not come in at all), at
 * the request (what its head and body hold), and after the answer (what it tells about the client).
 * The rooms that judge don't know each other; they meet here. Nothing here waits for KV.
 */
import { hasRole } from "../src/auth/roles.ts";
import type { Config } from "../src/config.ts";
import type { ErrorCode } from "../src/errors/codes.ts";
import type { SecurityAction, SecurityEventType } from "../src/incidents/event_types.ts";
import type { CountryOf } from "../src/ip/country.ts";
import type { Services } from "../src/services.ts";
import { BODY_LIMIT_BYTES, BODY_TAIL_BYTES } from "../src/threats/body/read.ts";
import { combineRisk, decide } from "../src/threats/decision.ts";
import { createThreatEngine, type ThreatScore } from "../src/threats/engine.ts";
import { createThreatRules, type RuleMatch } from "../src/threats/path_rules.ts";
import { rawTarget, type RequestHead } from "../src/threats/request_head.ts";
import { createBodyPeek } from "./body_peek.ts";
import type { Passage } from "./opening.ts";
import { OWN_THREAT_RULES } from "./own_threat_rules.ts";

/** What the gate is told about a request: refuse it, or pass it on (with its body read again). */
export interface Judgement {
  readonly refusal?: ErrorCode;
  readonly request: Request;
}

export interface Shield {
  /** Before anything is counted. */
  door(passage: Passage, request: Request): ErrorCode | undefined;
  /** Before anybody acts on the request. */
  judge(passage: Passage, request: Request): Judgement | Promise<Judgement>;
  /** After the answer. */
  note(passage: Passage, status: number): void;
}

/** A score from which a payload is worth looking its sender up for. */
const NOTABLE = 0.3;
/** What the proxy answers when the client did not wait. */
const CLIENT_GONE = 499;
/** A score from which a payload counts as proof of an attempt. */
const STRONG = 0.9;

export function createShield(services: Services): Shield {
  const { config, blocks, suspicion, reputation, countryOf, countryRules, incidents } = services;
  const { threatRules } = services;
  const engine = createThreatEngine();
  const peek = createBodyPeek({
    headBytes: BODY_LIMIT_BYTES - BODY_TAIL_BYTES,
    tailBytes: BODY_TAIL_BYTES,
  });
  const { GATE_MODE } = config;
  const rules = { own: createThreatRules(OWN_THREAT_RULES, GATE_MODE), site: threatRules };
  const thresholds = { risk: config.RISK_THRESHOLD, block: config.BLOCK_THRESHOLD };
  // Looking a country up takes microseconds, so it is done where a rule asks for it.
  const hasCountryRules = config.COUNTRY_DENY.length > 0 ||
    Object.keys(config.COUNTRY_RISK).length > 0;
  const ruledCountry: CountryOf = (client, headers) =>
    hasCountryRules ? countryOf(client, headers) : undefined;
  const enforces = GATE_MODE === "enforce";

  /** Weighs a score against what is known of the sender, and does what follows. */
  const weigh = (
    passage: Passage,
    { method, headers }: Request,
    score: ThreatScore,
    { mode }: RuleMatch,
  ): ErrorCode | undefined => {
    const { context } = passage;
    const { client, user } = context;
    const known = reputation.peek(client);
    const behaviour = suspicion.behaviourOf(client.subject);
    const risk = combineRisk({
      payload: score.payload,
      reputation: known,
      behaviour: Math.min(1, behaviour + countryRules.riskOf(ruledCountry(client, headers))),
    });
    context.risk = risk;
    if (score.payload >= NOTABLE) reputation.want(client, score.payload);
    const { action, enforced: ruled } = decide(risk, mode, thresholds);
    if (action === "pass") return undefined;
    // A rule may watch where the gate enforces, never enforce where the gate only watches.
    const enforced = ruled && enforces;

    const event = {
      requestId: context.requestId,
      ip: client.ip,
      country: countryOf(client, headers),
      method,
      path: context.path,
      score: risk,
      user: user?.id,
      signals: score.findings.map(({ signal, confidence, field, excerpt }) => ({
        name: signal,
        confidence,
        field,
        excerpt,
      })),
    };
    const note = (type: SecurityEventType, done: SecurityAction) =>
      incidents.note({ ...event, type, action: done });
    note("threat", enforced ? "refuse" : "monitor");
    if (!enforced) return undefined;
    if (action === "refuse_and_block") {
      const outcome = blocks.consider(evidenceOf(passage, score, risk, known ?? 0, behaviour));
      if (outcome === "flagged") note("user_flagged", "flag");
    }
    return "REQUEST_BLOCKED";
  };

  const evidenceOf = (
    { context: { client, user } }: Passage,
    { payload, findings }: ThreatScore,
    risk: number,
    known: number,
    behaviour: number,
  ) => {
    const subject = user ? `user:${user.id}` : client.subject;
    const name = findings.map(({ signal, field, excerpt }) => `${signal} ${field} ${excerpt}`);
    return {
      subject: client.subject,
      user: user?.id,
      risk,
      payload,
      distinctPayloads: payload >= STRONG
        ? suspicion.notePayload(subject, name.join("\n"), payload)
        : 0,
      corroborated: known >= 0.5 || behaviour >= 0.5,
    };
  };

  const judge = (passage: Passage, request: Request): Judgement | Promise<Judgement> => {
    const { context, target, charge } = passage;
    const { method } = request;
    const rule = rules[target].match(method, context.path);
    if (rule.mode === "off" || context.isAllowed || !charge) return { request };
    const head: RequestHead = {
      method,
      target: rawTarget(request.url),
      headers: request.headers,
    };
    const before = engine.scoreHead(head, rule.exempt);
    // Asking for a body that cannot be there costs as much as a limit does.
    const body = method === "GET" || method === "HEAD" ? null : request.body;
    const isCertain = before.payload > thresholds.block;
    if (!body || isCertain) return { request, refusal: weigh(passage, request, before, rule) };
    return peek(request, body).then(({ request: whole, ...read }) => {
      const score = engine.scoreBody(head, read, before, rule.exempt);
      return { request: whole, refusal: weigh(passage, request, score, rule) };
    });
  };

  return {
    door({ context }, { headers, method }) {
      if (GATE_MODE === "off") return undefined;
      const { client } = context;
      const verdict = blocks.verdict(client);
      if (verdict === "allow") {
        context.isAllowed = true;
        return undefined;
      }
      const denied = verdict === "deny";
      if (!denied && !countryRules.isDenied(ruledCountry(client, headers))) return undefined;
      incidents.note({
        type: denied ? "blocked_request" : "country_denied",
        action: enforces ? "refuse" : "monitor",
        requestId: context.requestId,
        ip: client.ip,
        country: countryOf(client, headers),
        method,
        path: context.path,
      });
      return enforces ? "REQUEST_BLOCKED" : undefined;
    },

    judge(passage, request) {
      if (GATE_MODE === "off") return { request };
      // Only the first request to the site after a long sleep waits, and not for long.
      const late = passage.target === "site" ? threatRules.catchUp() : undefined;
      return late ? late.then(() => judge(passage, request)) : judge(passage, request);
    },

    note({ context, refused }, status) {
      const saysNothing = refused || status === CLIENT_GONE;
      if (status >= 400) suspicion.note(context.client.subject, status, saysNothing);
    },
  };
}

/** Whether the caller may be told a request's score: everybody while only watching, else admins. */
export function mayExplain(
  config: Pick<Config, "GATE_MODE">,
  { headers }: Request,
  { user }: Passage["context"],
): boolean {
  return config.GATE_MODE === "monitor" ||
    (hasRole(user, "admin") && headers.get("x-gatehouse-explain") === "1");
}
