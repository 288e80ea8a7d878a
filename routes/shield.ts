/**
 * What the gate does about threats, in three moments: at the door (who may not come in at all), at
 * the request (what its head and body hold), and after the answer (what it tells about the client).
 * The rooms that judge don't know each other; they meet here. Nothing here waits for KV.
 */
import { hasRole } from "../src/auth/roles.ts";
import type { Config } from "../src/config.ts";
import type { ErrorCode } from "../src/errors/codes.ts";
import type { Services } from "../src/services.ts";
import { readPath } from "../src/paths/request_path.ts";
import { createBodyOpener } from "../src/threats/body/open.ts";
import { isReadWhole } from "../src/threats/body/kind.ts";
import { HEAD_LENGTH } from "../src/threats/body/read.ts";
import { bodyHeadOf, createThreatEngine, type ThreatScore } from "../src/threats/engine.ts";
import { createThreatRules, type RuleMatch } from "../src/threats/path_rules.ts";
import { rawTarget, type RequestHead } from "../src/threats/request_head.ts";
import { createBodyHolds } from "./body_holds.ts";
import { createBodyPeek } from "./body_peek.ts";
import { tellsOfSender } from "./initiator.ts";
import { createOwnPaths, type Passage } from "./opening.ts";
import { OWN_THREAT_RULES } from "./own_threat_rules.ts";
import { isInReferer, withReferer } from "./referring_page.ts";
import { createRuledCountry, createThreatVerdict } from "./threat_verdict.ts";

type Door = (passage: Passage) => ErrorCode | undefined;
type Judge = (passage: Passage) => ErrorCode | undefined | Promise<ErrorCode | undefined>;

export interface Shield {
  /** Before anything is counted: the refusal, if it is one. */
  readonly door: Door;
  /** The same before anybody acts on the request; a body that was read is put back. */
  readonly judge: Judge;
  /** After the answer. */
  note(passage: Passage, status: number): void;
}

/** What the proxy answers when the client did not wait. */
const CLIENT_GONE = 499;

export function createShield(services: Services): Shield {
  const { config, suspicion, threatRules } = services;
  const isOff = config.GATE_MODE === "off";
  const judge = createJudge(services);
  const judgeLate = (passage: Passage, late: Promise<void>) => late.then(() => judge(passage));
  return {
    door: isOff ? () => undefined : createDoor(services),
    judge(passage) {
      if (isOff) return undefined;
      // Only the first request to the site after a long sleep waits, and not for long.
      const late = passage.target === "site" ? threatRules.catchUp() : undefined;
      return late ? judgeLate(passage, late) : judge(passage);
    },
    note({ request, context, refused, releaseBody }, status) {
      releaseBody?.();
      if (status < 400) return;
      const saysNothing = refused || status === CLIENT_GONE ||
        !tellsOfSender(request.headers, () => context.host);
      suspicion.note(context.client.subject, status, saysNothing);
    },
  };
}

function createDoor(services: Services): Door {
  const { config, blocks, countryOf, countryRules, incidents } = services;
  const enforces = config.GATE_MODE === "enforce";
  const ruledCountry = createRuledCountry(services);

  return ({ request, context }) => {
    const { client, requestId, path } = context;
    const verdict = blocks.verdict(client);
    context.isAllowed = verdict === "allow";
    if (context.isAllowed) return undefined;
    const denied = verdict === "deny";
    const { headers, method } = request;
    if (!denied && !countryRules.isDenied(ruledCountry(client, headers))) return undefined;
    incidents.note({
      type: denied ? "blocked_request" : "country_denied",
      action: enforces ? "refuse" : "monitor",
      requestId,
      ip: client.ip,
      country: countryOf(client, headers),
      method,
      path,
    });
    return enforces ? "REQUEST_BLOCKED" : undefined;
  };
}

function createJudge(services: Services): Judge {
  const { config, threatRules } = services;
  const engine = createThreatEngine();
  const peek = createBodyPeek({
    startBytes: HEAD_LENGTH,
    holds: createBodyHolds(),
    wantsWhole: (headers, start) => isReadWhole(bodyHeadOf(headers), start),
  });
  const openBody = createBodyOpener();
  const rules = { own: createThreatRules(OWN_THREAT_RULES, config.GATE_MODE), site: threatRules };
  const ownPathOf = createOwnPaths(config.BASE_PATH);
  const verdictOn = createThreatVerdict(services);

  const ruleOfPage = (pathname: string): RuleMatch => {
    const path = readPath(pathname);
    if (!path) return { mode: config.GATE_MODE, exempt: undefined };
    const ownPath = ownPathOf(pathname, path);
    const isSite = ownPath === undefined;
    return rules[isSite ? "site" : "own"].match("GET", isSite ? path : readPath(ownPath) ?? path);
  };
  /** A second look only where the first one found something in the Referer. */
  const scoreHead = (head: RequestHead, context: Passage["context"], rule: RuleMatch) => {
    const score = engine.scoreHead(head, rule.exempt);
    if (!isInReferer(score.findings)) return score;
    return engine.scoreHead(head, withReferer(head.headers, context.host, rule, ruleOfPage));
  };
  const judgeWithBody = async (
    passage: Passage,
    body: NonNullable<Request["body"]>,
    head: RequestHead,
    before: ThreatScore,
    { mode, exempt }: RuleMatch,
  ) => {
    const { context } = passage;
    const refuses = config.GATE_MODE === "enforce" && mode === "enforce";
    const { subject } = context.client;
    const { request, release, ...read } = await peek(passage.request, body, { subject, refuses });
    passage.request = request;
    passage.releaseBody = release;
    const opened = openBody(read, head.headers);
    const plain = opened instanceof Promise ? await opened : opened;
    const score = engine.scoreBody(head, plain, before, exempt);
    const refusal = verdictOn(context, request, score, mode);
    const isUnknown = score.unsupported && score.payload <= config.RISK_THRESHOLD;
    return refusal && isUnknown ? "UNSUPPORTED_MEDIA_TYPE" : refusal;
  };

  const refuseUnread = createUnreadablePath(services);

  return (passage) => {
    const { request, context, path, target, charge } = passage;
    if (!path) return refuseUnread(passage);
    const { method, headers, url } = request;
    const rule = rules[target].match(method, path);
    if (rule.mode === "off" || context.isAllowed || !charge) return undefined;
    const head: RequestHead = { method, target: rawTarget(url), headers };
    const score = scoreHead(head, context, rule);
    // Asking for a body that cannot be there costs as much as a limit does.
    const body = method === "GET" || method === "HEAD" ? null : request.body;
    if (body && score.payload <= config.BLOCK_THRESHOLD) {
      return judgeWithBody(passage, body, head, score, rule);
    }
    return verdictOn(context, request, score, rule.mode);
  };
}

/** A path that no rule can be looked up for: too long, or with more tricks than anybody needs. */
function createUnreadablePath({ config, countryOf, incidents }: Services): Door {
  const enforces = config.GATE_MODE === "enforce";
  return ({ request: { method, headers }, context: { client, isAllowed, requestId, path } }) => {
    if (isAllowed) return undefined;
    incidents.note({
      type: "unreadable_path",
      action: enforces ? "refuse" : "monitor",
      requestId,
      ip: client.ip,
      country: countryOf(client, headers),
      method,
      path,
    });
    return enforces ? "MALFORMED_REQUEST" : undefined;
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
