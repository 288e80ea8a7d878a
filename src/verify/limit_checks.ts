/**
 * Whether a rate limit stands, read from the fields that announce it. Only when told so it is used
 * up to see that it holds, one request after the other.
 */
import { type Check, createFamily, fail, pass, skip } from "./check.ts";
import type { Answer } from "./probe.ts";
import type { Visit } from "./visit.ts";

interface LimitFacts {
  readonly first: Answer;
  readonly later: Answer;
  /** The page, asked for in the name of another address. */
  readonly spoofed: Answer;
  /** What came of using the limit up; undefined when it was not tried. */
  readonly refusal?: { readonly answer?: Answer; readonly requests: number };
}

/** Requests to see that what is left shrinks. */
const ASKED = 3;
/** The highest quota that is used up to try it. */
export const QUOTA_PROBED_MAX = 300;
const BEYOND_SHARE = 1 / 10;
const BEYOND_MORE = 5;

/** An address of RFC 5737 that nobody has. */
const SPOOFED = "198.51.100.77";

async function gather({ probe, landing, probesLimits }: Visit): Promise<LimitFacts> {
  const { url } = landing();
  const first = await probe.ask(url);
  let later = first;
  for (let i = 1; i < ASKED; i++) later = await probe.ask(url);
  const spoofed = await probe.ask(url, {
    headers: {
      "x-forwarded-for": SPOOFED,
      "x-real-ip": SPOOFED,
      "cf-connecting-ip": SPOOFED,
      "true-client-ip": SPOOFED,
      forwarded: `for=${SPOOFED}`,
    },
  });
  const left = remainingOf(later);
  const isTried = probesLimits && left !== undefined && left <= QUOTA_PROBED_MAX;
  return { first, later, spoofed, refusal: isTried ? await useUp(probe, url, left) : undefined };
}

async function useUp(
  probe: Visit["probe"],
  url: URL,
  left: number,
): Promise<LimitFacts["refusal"]> {
  const most = left + Math.ceil(left * BEYOND_SHARE) + BEYOND_MORE;
  for (let requests = 1; requests <= most; requests++) {
    const answer = await probe.ask(url, { method: "HEAD" });
    if (answer.status === 429) return { answer, requests };
  }
  return { requests: most };
}

/** Requests left: the least of `RateLimit: "ip";r=199;t=60`, else of the older fields. */
function remainingOf({ headers }: Answer): number | undefined {
  const told = [...headers.get("ratelimit")?.matchAll(/;\s*r=(\d+)/g) ?? []].map(([, r]) =>
    Number(r)
  );
  if (told.length > 0) return Math.min(...told);
  const old = headers.get("x-ratelimit-remaining") ?? headers.get("ratelimit-remaining");
  return old !== null && /^\d+$/.test(old) ? Number(old) : undefined;
}

const NOT_ANNOUNCED = "No limit is announced";
const NOT_TRIED = `Only with --probe-limits, and up to ${QUOTA_PROBED_MAX} requests`;

const CHECKS: readonly Check<LimitFacts>[] = [
  {
    id: "limits.announced",
    level: "error",
    what: "Every answer says what limit it counts against",
    why: "A site without one can be emptied, guessed at or worn out by one machine.",
    fix: "Put the gate in front, or check that the CDN passes RateLimit and X-RateLimit-* on.",
    judge({ first: { headers } }) {
      const told = headers.get("ratelimit-policy") ?? headers.get("x-ratelimit-limit");
      return told ? pass(told.slice(0, 100)) : fail("No RateLimit-Policy and no X-RateLimit-Limit");
    },
  },
  {
    id: "limits.counts",
    level: "error",
    what: "Requests are counted",
    why: "A limit that forgets, as when each isolate counts alone, is none.",
    fix: "Check that all isolates share one KV (/readyz), and that no cache answers in between.",
    judge({ first, later }) {
      const [before, after] = [remainingOf(first), remainingOf(later)];
      if (before === undefined || after === undefined) return skip(NOT_ANNOUNCED);
      const detail = `${before} left, ${after} after ${ASKED - 1} more requests`;
      return (after < before || after === 0 ? pass : fail)(detail);
    },
  },
  {
    id: "limits.spoofing",
    level: "error",
    what: "A made-up forwarding header does not start a new count",
    why: "Otherwise everybody is a thousand addresses.",
    fix: "Set TRUSTED_PROXIES to the proxies that really stand in front, and no more.",
    judge({ later, spoofed }) {
      const [before, after] = [remainingOf(later), remainingOf(spoofed)];
      if (before === undefined || after === undefined) return skip(NOT_ANNOUNCED);
      // One more may have become free in the meantime.
      return (after <= before + 1 ? pass : fail)(`${before} left, ${after} as ${SPOOFED}`);
    },
  },
  {
    id: "limits.enforced",
    level: "error",
    what: "Who goes on beyond the limit is refused",
    why: "An announced limit may be in shadow mode.",
    fix: "Set GATE_MODE=enforce, and take the policy out of LIMITS_SHADOW.",
    judge({ refusal }) {
      if (!refusal) return skip(NOT_TRIED);
      const { answer, requests } = refusal;
      return answer ? pass(`429 at request ${requests}`) : fail(`${requests} requests passed`);
    },
  },
  {
    id: "limits.retry-after",
    level: "error",
    what: "A refusal says when to come back",
    why: "Programs that are not told try at once, again and again.",
    fix: "Send Retry-After in whole seconds with 429.",
    judge({ refusal }) {
      if (!refusal?.answer) return skip(NOT_TRIED);
      const text = refusal.answer.headers.get("retry-after") ?? "absent";
      return (/^\d{1,6}$/.test(text) ? pass : fail)(`Retry-After: ${text}`);
    },
  },
];

export const limitFamily = createFamily(gather, CHECKS);
