/**
 * What the gate does about threats, in three moments: at the door (who may not come in at all), at
 * the request (what its head and body hold), and after the answer (what it tells about the client).
 * The rooms that judge don't know each other; they meet here. Nothing here waits for KV.
 */
import { hasRole } from "../src/auth/roles.ts";
import type { Config } from "../src/config.ts";
import type { ErrorCode } from "../src/errors/codes.ts";
import type { Services } from "../src/services.ts";
import { BODY_LIMIT_BYTES, BODY_TAIL_BYTES } from "../src/threats/body/read.ts";
import { createThreatEngine } from "../src/threats/engine.ts";
import { createThreatRules } from "../src/threats/path_rules.ts";
import { rawTarget, type RequestHead } from "../src/threats/request_head.ts";
import { createBodyPeek } from "./body_peek.ts";
import type { Passage } from "./opening.ts";
import { OWN_THREAT_RULES } from "./own_threat_rules.ts";
import { createRuledCountry, createThreatVerdict } from "./threat_verdict.ts";

/** What the gate is told about a request: refuse it, or pass it on (with its body read again). */
export interface Judgement {
  readonly refusal?: ErrorCode;
  readonly request: Request;
}

type Door = (passage: Passage, request: Request) => ErrorCode | undefined;
type Judge = (passage: Passage, request: Request) => Judgement | Promise<Judgement>;

export interface Shield {
  /** Before anything is counted. */
  readonly door: Door;
  /** Before anybody acts on the request. */
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
  return {
    door: isOff ? () => undefined : createDoor(services),
    judge(passage, request) {
      if (isOff) return { request };
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

function createDoor(services: Services): Door {
  const { config, blocks, countryOf, countryRules, incidents } = services;
  const enforces = config.GATE_MODE === "enforce";
  const ruledCountry = createRuledCountry(services);

  return ({ context }, { headers, method }) => {
    const { client, requestId, path } = context;
    const verdict = blocks.verdict(client);
    context.isAllowed = verdict === "allow";
    if (context.isAllowed) return undefined;
    const denied = verdict === "deny";
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
  const headBytes = BODY_LIMIT_BYTES - BODY_TAIL_BYTES;
  const peek = createBodyPeek({ headBytes, tailBytes: BODY_TAIL_BYTES });
  const rules = { own: createThreatRules(OWN_THREAT_RULES, config.GATE_MODE), site: threatRules };
  const verdictOn = createThreatVerdict(services);

  return ({ context, target, charge }, request) => {
    const { method, headers, url } = request;
    const { mode, exempt } = rules[target].match(method, context.path);
    if (mode === "off" || context.isAllowed || !charge) return { request };
    const head: RequestHead = { method, target: rawTarget(url), headers };
    const before = engine.scoreHead(head, exempt);
    // Asking for a body that cannot be there costs as much as a limit does.
    const body = method === "GET" || method === "HEAD" ? null : request.body;
    if (!body || before.payload > config.BLOCK_THRESHOLD) {
      return { request, refusal: verdictOn(context, request, before, mode) };
    }
    return peek(request, body).then(({ request: whole, ...read }) => {
      const score = engine.scoreBody(head, read, before, exempt);
      return { request: whole, refusal: verdictOn(context, request, score, mode) };
    });
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
