/** Whether what is not for everybody asks who is there: the gate's API, console and metrics. */
import { type Check, createFamily, fail, pass, skip, verdictOf } from "./check.ts";
import type { Answer } from "./probe.ts";
import { redirectOf, type Visit } from "./visit.ts";

interface AuthFacts {
  /** The API without and with a token that nobody signed. */
  readonly api: Answer;
  readonly forged: Answer;
  readonly console: Answer;
  /** The page to sign in on, if the console leads there. */
  readonly signIn?: Answer;
  readonly metrics: Answer;
  readonly missing: Answer;
}

/** Two requests of this are 401: fewer than the gate takes for somebody trying passwords. */
async function gather({ probe, own, url, clock, missing }: Visit): Promise<AuthFacts> {
  const api = own("/api/v1/security/threats");
  const headers = { authorization: `Bearer ${unsignedToken(clock.now())}` };
  const page = await probe.ask(own("/admin"));
  const next = redirectOf(page);
  return {
    api: await probe.ask(api),
    forged: await probe.ask(api, { headers }),
    console: page,
    signIn: next?.host === url.host ? await probe.ask(next) : undefined,
    metrics: await probe.ask(own("/metrics")),
    missing: missing(),
  };
}

/** An admin's token as anybody could write it: its header says that no signature is needed. */
function unsignedToken(nowMs: number): string {
  const part = (value: unknown) =>
    new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: "base64url" });
  const seconds = Math.floor(nowMs / 1_000);
  const claims = {
    sub: "verify",
    role: "admin",
    roles: ["admin"],
    iat: seconds,
    exp: seconds + 60,
  };
  return `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.`;
}

const NO_GATE = "There is no API of the gate; try --base-path";

/** Traces of stacks, paths of files, messages of databases. */
const INSIDE =
  /\bat .{1,200}\.[jt]sx?:\d+:\d+|Traceback \(most recent|file:\/\/\/|\.java:\d+\)|SQLSTATE\[|ORA-\d{5}|\bin \/[\w/.-]+\.php on line/;

const CHECKS: readonly Check<AuthFacts>[] = [
  {
    id: "auth.api",
    level: "error",
    what: "The API tells strangers nothing",
    why: "Reports name visitors' addresses and what is refused.",
    fix: "Do not take the paths of the gate out of its reach in front of it.",
    judge({ api: { status } }) {
      if (status === 404) return skip(NO_GATE);
      return ([401, 403].includes(status) ? pass : fail)(`Status ${status} without a token`);
    },
  },
  {
    id: "auth.challenge",
    level: "warning",
    what: "A refusal says how to prove oneself",
    why: "Programs cannot tell otherwise that a token would help (RFC 9110 15.5.2).",
    fix: "Send WWW-Authenticate with status 401.",
    judge({ api: { status, headers } }) {
      if (status !== 401) return skip(`Status ${status}`);
      const challenge = headers.get("www-authenticate");
      return challenge ? pass(challenge.slice(0, 100)) : fail("www-authenticate is absent");
    },
  },
  {
    id: "auth.unsigned",
    level: "error",
    what: "A token that nobody signed proves nothing",
    why: "Libraries that believe alg: none make everybody an admin.",
    fix: "Fix the algorithm of each key; set JWT_SECRET, JWT_PUBLIC_KEY or JWKS_URL.",
    judge({ api, forged: { status } }) {
      if (api.status === 404) return skip(NO_GATE);
      return (status >= 200 && status < 300 ? fail : pass)(`Status ${status} with alg: none`);
    },
  },
  {
    id: "auth.console",
    level: "error",
    what: "The console is behind a sign-in",
    why: "It shows everything and can change it.",
    fix: "Check that nothing in front of the gate answers /admin.",
    judge({ console: { status } }) {
      if (status === 404) return skip("There is no console");
      return (status >= 200 && status < 300 ? fail : pass)(`Status ${status}`);
    },
  },
  {
    id: "auth.metrics",
    level: "error",
    what: "Metrics are not for everybody",
    why: "They tell how much is sold, what fails and when the defence is down.",
    fix: "Set METRICS_TOKEN, and close other /metrics endpoints.",
    judge: ({ metrics: { status } }) =>
      (status >= 200 && status < 300 ? fail : pass)(`Status ${status} without a token`),
  },
  {
    id: "auth.no-store",
    level: "error",
    what: "Caches keep neither sign-in pages nor refusals",
    why: "The next person at a shared machine or proxy sees them, with their tokens.",
    fix: "Send Cache-Control: no-store.",
    judge({ api, signIn }) {
      const seen = [...api.status === 404 ? [] : [api], ...signIn ? [signIn] : []];
      if (seen.length === 0) return skip(NO_GATE);
      const kept = seen.filter(({ headers }) =>
        !/no-store/i.test(headers.get("cache-control") ?? "")
      );
      return verdictOf(kept.map(({ url }) => `${url.pathname} may be kept`), "no-store");
    },
  },
  {
    id: "auth.form",
    level: "error",
    what: "Passwords are sent in the body, to this site",
    why: "In an address they end up in logs, histories and Referer headers.",
    fix: 'Use <form method="post"> with an action on the same host.',
    judge({ signIn }) {
      const forms = [...signIn?.text.matchAll(/<form\b([^>]{0,2000})>(.*?)<\/form>/gis) ?? []]
        .filter(([, , inside]) => /type\s*=\s*["']?password/i.test(inside));
      if (!signIn || forms.length === 0) return skip("No sign-in form was found");
      const wrong = forms.filter(([, attributes]) => {
        const action = /action\s*=\s*["']?([^"'\s>]+)/i.exec(attributes)?.[1] ?? "";
        const isHere = URL.canParse(action, signIn.url) &&
          new URL(action, signIn.url).host === signIn.url.host;
        return !isHere || !/method\s*=\s*["']?post/i.test(attributes);
      });
      return verdictOf(
        wrong.map(([, attributes]) => `<form${attributes.slice(0, 100)}>`),
        "By POST",
      );
    },
  },
  {
    id: "auth.disclosure",
    level: "error",
    what: "Errors do not tell what is inside",
    why: "Stacks and paths name the libraries and where to aim.",
    fix: "Answer with a fixed text and a request id; keep the rest in the log.",
    judge: ({ api, forged, missing }) =>
      verdictOf(
        [api, forged, missing].flatMap(({ url, text }) => {
          const told = INSIDE.exec(text)?.[0];
          return told ? [`${url.pathname}: ${told.slice(0, 80)}`] : [];
        }),
        "None does",
      ),
  },
];

export const authFamily = createFamily(gather, CHECKS);
