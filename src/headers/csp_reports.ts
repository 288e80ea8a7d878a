/**
 * What browsers report about our Content-Security-Policy, counted by (directive, what was blocked,
 * page). Anyone can post here, so every part of a report is cut down to a small set of words before
 * it is kept, and the number kept is bounded.
 */
import { z } from "zod";
import type { Log } from "../log.ts";
import { type Clock, DAY } from "../time.ts";
import { blockedOrigin, directiveName, isFromExtension, pageTemplate } from "./csp_terms.ts";

export interface CspReportsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Kinds of reports kept; the one not seen for longest makes room. */
  readonly max?: number;
  /** Told of every report that counts, with one of a bounded set of names. */
  readonly onReport?: (directive: string) => void;
}

/** How often one kind of report came. */
export interface CspReportCount {
  /** Such as `script-src-elem`. */
  readonly directive: string;
  /** Origin or keyword: `https://cdn.example`, `inline`, `eval`. */
  readonly blocked: string;
  /** Path with ids replaced: `/us/products/{id}`. */
  readonly page: string;
  readonly count: number;
  /** Unix time in milliseconds. */
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
}

export interface CspReports {
  /** Counts the reports of one request; answers how many, or null when the body is no report. */
  take(body: string, contentType: string): number | null;
  /** The last 30 days, most frequent first. */
  list(): readonly CspReportCount[];
}

interface Violation {
  readonly directive: string;
  readonly blocked: string;
  readonly page: string;
  readonly source: string;
}

const KINDS_MAX = 500;
const KEPT_MS = 30 * DAY;
/** Browsers send a handful at a time. */
const REPORTS_PER_BODY_MAX = 100;

const text = z.string().catch("");

/** CSP 2: one report in an envelope, sent because of `report-uri`. */
const legacyBody = z.object({
  "csp-report": z.object({
    "document-uri": text,
    "effective-directive": text,
    "violated-directive": text,
    "blocked-uri": text,
    "source-file": text,
  }),
}).transform(({ "csp-report": report }): Violation[] => [{
  directive: report["effective-directive"] || report["violated-directive"],
  blocked: report["blocked-uri"],
  page: report["document-uri"],
  source: report["source-file"],
}]);

/** Reporting API: several reports of several types, sent because of `report-to`. */
const reportingBody = z.array(z.object({
  type: z.string(),
  body: z.object({
    documentURL: text,
    effectiveDirective: text,
    blockedURL: text,
    sourceFile: text,
  }).optional().catch(undefined),
})).max(REPORTS_PER_BODY_MAX).transform((reports): Violation[] =>
  reports.flatMap(({ type, body }) =>
    type !== "csp-violation" || !body ? [] : [{
      directive: body.effectiveDirective,
      blocked: body.blockedURL,
      page: body.documentURL,
      source: body.sourceFile,
    }]
  )
);

export function createCspReports(
  { clock, log, max = KINDS_MAX, onReport = () => {} }: CspReportsOptions,
): CspReports {
  // In the order last seen, so that the first is the one to give up.
  const kinds = new Map<string, CspReportCount>();
  let newKinds = 0;

  const count = (violation: Violation) => {
    const kind = kindOf(violation);
    const key = `${kind.directive} ${kind.blocked} ${kind.page}`;
    const lastSeenAt = clock.now();
    const known = kinds.get(key) ?? { count: 0, firstSeenAt: lastSeenAt };
    kinds.delete(key);
    if (kinds.size >= max) kinds.delete(kinds.keys().next().value ?? "");
    kinds.set(key, { ...kind, ...known, count: known.count + 1, lastSeenAt });
    onReport(kind.directive);
    // Strangers choose how many kinds there are, so only the first ones are worth a line each.
    if (known.count === 0 && ++newKinds <= max) log.info("csp.reported", kind);
  };

  return {
    take(body, contentType) {
      const violations = parse(body, contentType);
      if (!violations) return null;
      const counted = violations.filter((violation) => !isFromExtension(violation));
      counted.forEach(count);
      return counted.length;
    },
    list() {
      const since = clock.now() - KEPT_MS;
      return [...kinds.values()]
        .filter(({ lastSeenAt }) => lastSeenAt > since)
        .sort((a, b) => b.count - a.count);
    },
  };
}

function kindOf({ directive, blocked, page }: Violation) {
  return {
    directive: directiveName(directive),
    blocked: blockedOrigin(blocked),
    page: pageTemplate(page),
  };
}

function parse(body: string, contentType: string): Violation[] | undefined {
  const schema = contentType.toLowerCase().startsWith("application/reports+json")
    ? reportingBody
    : legacyBody;
  try {
    return schema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
