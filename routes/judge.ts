/**
 * What a request holds: which rules apply to it, the score of its head, then of its body where there
 * is one, and the verdict on both. A body that was read is put back.
 */
import type { ErrorCode } from "../src/errors/codes.ts";
import { readPath } from "../src/paths/request_path.ts";
import type { Services } from "../src/services.ts";
import { isReadWhole } from "../src/threats/body/kind.ts";
import { createBodyOpener } from "../src/threats/body/open.ts";
import { HEAD_LENGTH } from "../src/threats/body/read.ts";
import {
  bodyHeadOf,
  createThreatEngine,
  type ThreatEngine,
  type ThreatScore,
} from "../src/threats/engine.ts";
import { createThreatRules, type RuleMatch, type ThreatRules } from "../src/threats/path_rules.ts";
import { rawTarget, type RequestHead } from "../src/threats/request_head.ts";
import { createBodyHolds } from "./body_holds.ts";
import { createBodyPeek } from "./body_peek.ts";
import { createBodyTurns, LONG_BODY_BYTES } from "./body_turns.ts";
import { createOwnPaths, type Passage } from "./opening.ts";
import { createOwnHost } from "./own_host.ts";
import { OWN_THREAT_RULES } from "./own_threat_rules.ts";
import { isInReferer, withReferer } from "./referring_page.ts";
import { createNoteRefusal } from "./refusal_event.ts";
import { createThreatVerdict, type ThreatVerdict } from "./threat_verdict.ts";

type Refusal = ErrorCode | undefined;
export type Judge = (passage: Passage) => Refusal | Promise<Refusal>;

type RulesOf = Readonly<Record<Passage["target"], ThreatRules>>;
type Body = NonNullable<Request["body"]>;

export function createJudge(services: Services): Judge {
  const { config, threatRules: site } = services;
  const engine = createThreatEngine();
  const rules = { own: createThreatRules(OWN_THREAT_RULES, config.GATE_MODE), site };
  const verdictOn = createThreatVerdict(services);
  const scoreHead = createHeadScore(services, engine, rules);
  const judgeBody = createBodyJudge(services, engine, verdictOn);
  const noteRefusal = createNoteRefusal(services);
  const onUnreadablePath = config.GATE_MODE === "enforce" ? "MALFORMED_REQUEST" : undefined;

  return (passage) => {
    const { request, context, path, methods, target, charge } = passage;
    if (context.isAllowed) return undefined;
    if (!path) {
      noteRefusal(passage, "unreadable_path");
      return onUnreadablePath;
    }
    const { method, headers, url } = request;
    const rule = rules[target].match(methods, path);
    if (rule.mode === "off" || !charge) return undefined;
    const head: RequestHead = { method, target: rawTarget(url), headers };
    const score = scoreHead(head, context, rule);
    // Asking for a body that cannot be there costs as much as a limit does.
    const body = method === "GET" || method === "HEAD" ? null : request.body;
    if (body && score.payload <= config.BLOCK_THRESHOLD) {
      return judgeBody(passage, body, head, score, rule);
    }
    return verdictOn(context, request, score, rule.mode);
  };
}

/** Scores a head; a second time, with what may be there, where its Referer or our host may be it. */
function createHeadScore({ config }: Services, engine: ThreatEngine, rules: RulesOf) {
  const ownPathOf = createOwnPaths(config.BASE_PATH);
  const ruleOfPage = (pathname: string): RuleMatch => {
    const path = readPath(pathname);
    if (!path) return { mode: config.GATE_MODE, exempt: undefined };
    const ownPath = ownPathOf(pathname, path);
    if (ownPath === undefined) return rules.site.match(["GET"], path);
    return rules.own.match(["GET"], readPath(ownPath) ?? path);
  };
  const ownHostIn = createOwnHost(config);
  return (plain: RequestHead, context: Passage["context"], rule: RuleMatch): ThreatScore => {
    const score = engine.scoreHead(plain, rule.exempt);
    const hasReferer = isInReferer(score.findings);
    const ownHost = ownHostIn(score.findings, context.host);
    if (!hasReferer && !ownHost) return score;
    const exempt = hasReferer
      ? withReferer(plain.headers, context.host, rule, ruleOfPage)
      : rule.exempt;
    return engine.scoreHead(ownHost ? { ...plain, ownHost } : plain, exempt);
  };
}

function createBodyJudge({ config }: Services, engine: ThreatEngine, verdictOn: ThreatVerdict) {
  const peek = createBodyPeek({
    startBytes: HEAD_LENGTH,
    holds: createBodyHolds(),
    wantsWhole: (headers, start) => isReadWhole(bodyHeadOf(headers), start),
  });
  const openBody = createBodyOpener();
  const turn = createBodyTurns();
  const ownHostIn = createOwnHost(config);

  return async (
    passage: Passage,
    body: Body,
    head: RequestHead,
    before: ThreatScore,
    { mode, exempt }: RuleMatch,
  ): Promise<Refusal> => {
    const { context } = passage;
    const refuses = config.GATE_MODE === "enforce" && mode === "enforce";
    const { subject } = context.client;
    const { request, release, ...read } = await peek(passage.request, body, { subject, refuses });
    passage.request = request;
    passage.releaseBody = release;
    const opened = openBody(read, head.headers);
    const plain = opened instanceof Promise ? await opened : opened;
    if ((plain.inflated ?? plain).bytes.length > LONG_BODY_BYTES) await turn();
    const first = engine.scoreBody(head, plain, before, exempt);
    const ownHost = ownHostIn(first.findings, context.host);
    const score = ownHost ? engine.scoreBody({ ...head, ownHost }, plain, before, exempt) : first;
    const refusal = verdictOn(context, request, score, mode);
    const isUnknown = score.unsupported && score.payload <= config.RISK_THRESHOLD;
    return refusal && isUnknown ? "UNSUPPORTED_MEDIA_TYPE" : refusal;
  };
}
