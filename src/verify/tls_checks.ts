/** Whether what goes between a visitor and the site can be read or changed on the way. */
import { DAY } from "../time.ts";
import { type Check, createFamily, fail, pass, skip, type Verdict, verdictOf } from "./check.ts";
import { type Answer, ProbeError } from "./probe.ts";
import { type Handshake, shakeHands, takesOldTls } from "./tls_handshake.ts";
import { redirectOf, type Visit } from "./visit.ts";

interface TlsFacts {
  readonly url: URL;
  readonly isLocal: boolean;
  readonly now: number;
  /** Undefined over plain HTTP. */
  readonly handshake?: Handshake;
  readonly takesOld?: boolean;
  /** What plain HTTP answers; undefined when nothing is there. */
  readonly plain?: Answer;
  /** The page, when there is one. */
  readonly page?: Answer;
}

const DAYS_LEFT_MIN = 14;

async function gather(visit: Visit): Promise<TlsFacts> {
  const { url, isLocal, isHttps, clock, caCerts } = visit;
  const facts = { url, isLocal, now: clock.now() };
  if (!isHttps) return facts;
  const endpoint = { hostname: url.hostname, port: Number(url.port || 443) };
  return {
    ...facts,
    handshake: await shakeHands(endpoint, caCerts),
    takesOld: await takesOldTls(endpoint),
    plain: await orNothing(async () => {
      const plainUrl = visit.plainUrl ?? (url.port ? undefined : new URL(`http://${url.host}/`));
      return plainUrl && await visit.probe.ask(plainUrl);
    }),
    page: await orNothing(() => Promise.resolve(visit.landing())),
  };
}

async function orNothing(
  ask: () => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ProbeError) return undefined;
    throw error;
  }
}

/** Judges what the handshake showed. */
const shaken = (judge: (handshake: Handshake, facts: TlsFacts) => Verdict) => (facts: TlsFacts) =>
  facts.handshake ? judge(facts.handshake, facts) : skip("The site was asked over plain HTTP");

/** Scripts, styles, frames and pictures that a page loads over plain HTTP. */
const PLAIN_RESOURCE =
  /<(?:script|link|img|iframe|source|video|audio)\b[^>]{0,500}\s(?:src|href)\s*=\s*["']?(http:\/\/[^"'\s>]{1,200})/gi;

const CHECKS: readonly Check<TlsFacts>[] = [
  {
    id: "tls.https",
    level: "error",
    what: "The site is reached over HTTPS",
    why: "Anybody on the way reads and changes what goes over plain HTTP.",
    fix: "End TLS in front of the gate, name the proxy in TRUSTED_PROXIES, set HTTPS_REDIRECT=1.",
    judge({ handshake, isLocal }) {
      if (handshake) return pass(handshake.protocol);
      return isLocal ? skip("This machine needs none") : fail("The URL begins with http:");
    },
  },
  {
    id: "tls.trusted",
    level: "error",
    what: "Browsers trust the certificate for this host",
    why: "Visitors who learn to click the warning away click it away for an attacker too.",
    fix: "Install a certificate of a public authority for this name, with its intermediates.",
    judge: shaken(({ distrust }) => distrust ? fail(distrust) : pass("Trusted")),
  },
  {
    id: "tls.expiry",
    level: "error",
    what: `The certificate is good for ${DAYS_LEFT_MIN} days or more`,
    why: "What renews it should have by now; on its last day the site is gone.",
    fix: "Look at why it was not renewed.",
    judge: shaken(({ validUntil }, { now }) => {
      const days = Math.floor((validUntil - now) / DAY);
      return (days >= DAYS_LEFT_MIN ? pass : fail)(`${days} days left`);
    }),
  },
  {
    id: "tls.old-versions",
    level: "error",
    what: "TLS 1.0 and 1.1 are refused",
    why: "Both are broken, and were withdrawn by RFC 8996.",
    fix: "Set TLS 1.2 as the least version where TLS ends.",
    judge: shaken((_, { takesOld }) =>
      takesOld ? fail("A TLS 1.1 client was taken") : pass("Refused")
    ),
  },
  {
    id: "tls.modern",
    level: "warning",
    what: "TLS 1.3 is offered",
    why: "It is a round trip faster, and has no weak choices left.",
    fix: "Turn TLS 1.3 on where TLS ends.",
    judge: shaken(({ protocol }) => (protocol === "TLSv1.3" ? pass : fail)(protocol)),
  },
  {
    id: "tls.redirect",
    level: "error",
    what: "Plain HTTP leads to HTTPS on the same host",
    why: "Most visits begin with a name typed without https:.",
    fix: "Set HTTPS_REDIRECT=1, or let the proxy in front redirect.",
    judge({ url, handshake, plain }) {
      if (!handshake || !plain) return skip("Nobody answers plain HTTP here; try --http-url");
      const next = redirectOf(plain);
      const isRight = next?.protocol === "https:" && next.hostname === url.hostname;
      return (isRight ? pass : fail)(`Status ${plain.status}${next ? ` to ${next.origin}` : ""}`);
    },
  },
  {
    id: "tls.mixed-content",
    level: "error",
    what: "Pages load nothing over plain HTTP",
    why: "One script that can be changed on the way is the whole page.",
    fix: "Write https: or no scheme at all; add upgrade-insecure-requests to the policy.",
    judge({ handshake, page }) {
      if (!handshake || !page) return skip("There is no page over HTTPS");
      const found = [...page.text.matchAll(PLAIN_RESOURCE)].map(([, src]) => src);
      return verdictOf(found.slice(0, 5), "Nothing");
    },
  },
];

export const tlsFamily = createFamily(gather, CHECKS);
