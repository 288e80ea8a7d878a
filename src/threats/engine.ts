/**
 * The threat engine: scores a request's head, and its body where there is one. Pure and
 * synchronous; who is asking, what happens to them and what is written down is for others.
 */
import { type BodyHead, examineBody, type RequestBody } from "./body/read.ts";
import { Examination } from "./examination.ts";
import { createKnownClean } from "./known_clean.ts";
import type { Exemptions } from "./exemptions.ts";
import { ABSENT_FINDINGS, examineHead, type RequestHead } from "./request_head.ts";
import { toFinding } from "./examine.ts";
import type { Finding } from "./score.ts";

export interface ThreatScore {
  /** 0 (nothing found) to 1. */
  readonly payload: number;
  /** What was found, strongest first, at most 12. */
  readonly findings: readonly Finding[];
  /**
   * Whether something could not be read at all, such as one part too many: an enforcing gate
   * refuses it, because what nobody read may hold anything.
   */
  readonly unread: boolean;
  /** Whether that is because of a charset or a coding that we don't know. */
  readonly unsupported: boolean;
}

export interface ThreatEngine {
  /** Scores path, query, cookies and headers. */
  scoreHead(head: RequestHead, exempt?: Exemptions): ThreatScore;
  /** Scores the body; the result includes `before`, the score of the head. */
  scoreBody(
    head: RequestHead,
    body: RequestBody,
    before?: ThreatScore,
    exempt?: Exemptions,
  ): ThreatScore;
}

/** Most findings that are kept of one request. */
export const FINDINGS_MAX = 12;
const CLEAN: ThreatScore = { payload: 0, findings: [], unread: false, unsupported: false };
/** Nearly all requests hold nothing else, so what they lack by itself is scored once. */
const ABSENT_SCORES: readonly ThreatScore[] = ABSENT_FINDINGS.map((findings) => {
  const examination = new Examination(undefined);
  for (const finding of findings) examination.note(finding);
  return scoreOf(examination, CLEAN);
});

/** Browsers in use at one time; a site sees some hundreds. */
const AGENTS_MAX = 1_000;
const PATHS_MAX = 4_000;

export function createThreatEngine(): ThreatEngine {
  const known = { agents: createKnownClean(AGENTS_MAX), paths: createKnownClean(PATHS_MAX) };
  return {
    scoreHead(head, exempt) {
      const examination = new Examination(exempt, head.ownHost);
      const absent = examineHead(head, examination, known);
      examination.readRest();
      return scoreOf(examination, ABSENT_SCORES[absent]);
    },
    scoreBody(head, body, before = CLEAN, exempt) {
      const examination = new Examination(exempt, head.ownHost);
      examineBody(body, bodyHeadOf(head.headers), examination);
      examination.readRest();
      return scoreOf(examination, before);
    },
  };
}

/** What a request's head says about its body. */
export const bodyHeadOf = (headers: Headers): BodyHead => ({
  contentType: headers.get("content-type") ?? "",
  contentEncoding: headers.get("content-encoding") ?? "",
});

function scoreOf(
  { payload, findings, unread, unsupported }: Examination,
  before: ThreatScore,
): ThreatScore {
  if (findings.length === 0 && !unread && !unsupported) return before;
  const strongest = [...findings].sort(byConfidence).slice(0, FINDINGS_MAX).map(toFinding);
  return {
    payload: 1 - (1 - before.payload) * (1 - payload),
    findings: [...before.findings, ...strongest].sort(byConfidence).slice(0, FINDINGS_MAX),
    unread: unread || unsupported || before.unread,
    unsupported: unsupported || before.unsupported,
  };
}

function byConfidence(a: { confidence: number }, b: { confidence: number }): number {
  return b.confidence - a.confidence;
}
