/** Whether a site's answers carry the headers that make browsers protect its visitors. */
import { type Check, createFamily, fail, pass, skip, type Verdict, verdictOf } from "./check.ts";
import { detours, isFramingLimited, readPolicies, scriptHole } from "./content_policy.ts";
import type { Answer } from "./probe.ts";
import type { Visit } from "./visit.ts";

interface HeaderFacts {
  readonly page: Answer;
  readonly missing: Answer;
  /** All of them, the error included. */
  readonly answers: readonly Answer[];
  /** The page, asked for in the name of a script of another site. */
  readonly foreign: Answer;
  readonly options: Answer;
  readonly isHttps: boolean;
}

const FOREIGN_ORIGIN = "https://other-site.example";
const HSTS_SECONDS_MIN = 31_536_000;

async function gather({ isHttps, probe, url, ...seen }: Visit): Promise<HeaderFacts> {
  const [page, missing] = [seen.landing(), seen.missing()];
  const headers = { origin: FOREIGN_ORIGIN };
  const options = await probe.ask(url, {
    method: "OPTIONS",
    headers: { ...headers, "access-control-request-method": "PUT" },
  });
  const foreign = await probe.ask(page.url, { headers });
  return { page, missing, answers: [...seen.pages(), missing], foreign, options, isHttps };
}

/** Judges the value of a header of the page; what is absent fails. */
const value = (name: string, judge: (value: string) => Verdict) => ({ page }: HeaderFacts) => {
  const found = page.headers.get(name);
  return found === null ? fail(`${name} is absent`) : judge(found);
};

/** Passes when the header's value has this form. */
const form = (name: string, pattern: RegExp) =>
  value(name, (text) => (pattern.test(text) ? pass : fail)(`${name}: ${text.slice(0, 200)}`));

const policiesOf = ({ page }: HeaderFacts) =>
  readPolicies(page.headers.get("content-security-policy"));

/** Headers of which a browser takes one value; two of them are joined by a comma. */
const SINGLE = [
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "strict-transport-security",
  "x-content-type-options",
  "x-frame-options",
];

/** What an error must carry when the page does: attacks like error pages. */
const EVERYWHERE = ["content-security-policy", ...SINGLE];

const BANNERS = ["server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "via"];

/** Scripts of other hosts that nothing ties to the content they had when they were chosen. */
function loneScripts({ url, text }: Answer): string[] {
  return [...text.matchAll(/<script\b[^>]{0,2000}>/gi)].map(([tag]) => tag)
    .filter((tag) => !/\sintegrity\s*=/i.test(tag))
    .flatMap((tag) => /\ssrc\s*=\s*["']?([^"'\s>]+)/i.exec(tag)?.[1] ?? [])
    .filter((src) => URL.canParse(src, url) && new URL(src, url).host !== url.host);
}

const CHECKS: readonly Check<HeaderFacts>[] = [
  {
    id: "headers.csp",
    level: "error",
    what: "Pages have a Content-Security-Policy that no injected script passes",
    why: "It is the second line when a page prints what an attacker wrote.",
    fix: "Send a policy with nonces and 'strict-dynamic', without 'unsafe-inline'; for a proxied " +
      "origin set ORIGIN_CSP, and content-security-policy=enforce in ORIGIN_HEADERS.",
    judge(facts) {
      const policies = policiesOf(facts);
      if (policies.length === 0) return fail("content-security-policy is absent");
      const holes = policies.map(scriptHole);
      return holes.includes(undefined) ? pass("Scripts need leave") : fail(holes.join("; "));
    },
  },
  {
    id: "headers.csp-detours",
    level: "warning",
    what: "The policy closes plug-ins and the base element too",
    why: "A base element sends a page's own relative scripts to another host.",
    fix: "Add object-src 'none'; base-uri 'none'.",
    judge(facts) {
      const policies = policiesOf(facts);
      if (policies.length === 0) return fail("content-security-policy is absent");
      const open = policies.map(detours);
      return open.some((list) => list.length === 0) ? pass("Closed") : verdictOf(open[0], "Closed");
    },
  },
  {
    id: "headers.framing",
    level: "error",
    what: "Pages cannot be framed by other sites",
    why: "A framed page gets clicks that were meant for the page around it.",
    fix: "Send X-Frame-Options: DENY and frame-ancestors 'none' in the policy.",
    judge(facts) {
      if (policiesOf(facts).some(isFramingLimited)) return pass("By frame-ancestors");
      return form("x-frame-options", /^(?:deny|sameorigin)$/i)(facts);
    },
  },
  {
    id: "headers.nosniff",
    level: "error",
    what: "Browsers must take the declared content type",
    why: "An uploaded text that is taken for a script runs as one.",
    fix: "Send X-Content-Type-Options: nosniff.",
    judge: form("x-content-type-options", /^nosniff$/i),
  },
  {
    id: "headers.hsts",
    level: "error",
    what: "Browsers come back over HTTPS alone, for a year at least",
    why: "The first plain request of a visit can be answered by somebody else.",
    fix: "Send Strict-Transport-Security: max-age=31536000; includeSubDomains.",
    judge(facts) {
      if (!facts.isHttps) return skip("Browsers ignore it over plain HTTP");
      return value("strict-transport-security", (text) => {
        const age = Number(/max-age="?(\d+)/i.exec(text)?.[1] ?? 0);
        return (age >= HSTS_SECONDS_MIN ? pass : fail)(text.slice(0, 200));
      })(facts);
    },
  },
  {
    id: "headers.referrer",
    level: "warning",
    what: "Other sites do not learn which page a visitor came from",
    why: "Paths and queries hold search words, ids and sometimes tokens.",
    fix: "Send Referrer-Policy: strict-origin-when-cross-origin, or a stricter one.",
    judge: form(
      "referrer-policy",
      /(?:^|,\s*)(?:no-referrer|same-origin|origin|(?:strict-)?origin-when-cross-origin|strict-origin)$/i,
    ),
  },
  {
    id: "headers.permissions",
    level: "warning",
    what: "Pages say which features of the device they use",
    why: "Injected or framed code asks for camera and place in the site's name.",
    fix: "Send Permissions-Policy with () for each feature that is not used.",
    judge: value("permissions-policy", (text) => pass(text.slice(0, 200))),
  },
  {
    id: "headers.opener",
    level: "warning",
    what: "Pages share no window with the sites that opened them",
    why: "A page that opened this one can send it elsewhere while nobody looks.",
    fix: "Send Cross-Origin-Opener-Policy: same-origin (or same-origin-allow-popups).",
    judge: form("cross-origin-opener-policy", /^same-origin/i),
  },
  {
    id: "headers.resource",
    level: "warning",
    what: "Other sites cannot load the pages as a resource of theirs",
    why: "What is loaded lies in their process, where it can be read by a side channel.",
    fix: "Send Cross-Origin-Resource-Policy: same-origin (or same-site).",
    judge: form("cross-origin-resource-policy", /^same-(?:origin|site)$/i),
  },
  {
    id: "headers.xss-filter",
    level: "warning",
    what: "The old filter of browsers is off, or blocks whole pages",
    why: "In its plain mode it cut scripts out of safe pages, and so made holes.",
    fix: "Send X-XSS-Protection: 0, as OWASP advises (XSS_PROTECTION=0), or 1; mode=block.",
    judge({ page }) {
      const text = page.headers.get("x-xss-protection") ?? "absent";
      return (/^(?:absent|0|1;\s*mode=block)$/i.test(text) ? pass : fail)(text);
    },
  },
  {
    id: "headers.banners",
    level: "warning",
    what: "No header names the software and its version",
    why: "Lists of vulnerable versions are searched for exactly this.",
    fix: "Remove them; the gate does with server=enforce and x-powered-by=enforce.",
    judge: ({ answers }) =>
      verdictOf(
        BANNERS.flatMap((name) => {
          const named = answers.map(({ headers }) => headers.get(name) ?? "");
          const told = named.find((text) => /\d/.test(text) || (text && name.startsWith("x-")));
          return told ? [`${name}: ${told.slice(0, 80)}`] : [];
        }),
        "None does",
      ),
  },
  {
    id: "headers.charset",
    level: "warning",
    what: "Pages name their character encoding",
    why: "A browser that guesses UTF-7 or an old Asian one sees scripts where filters saw none.",
    fix: "Send Content-Type: text/html; charset=utf-8.",
    judge: value(
      "content-type",
      (text) =>
        !/^text\//i.test(text)
          ? skip(`The page is ${text}`)
          : (/charset=/i.test(text) ? pass : fail)(text),
    ),
  },
  {
    id: "headers.once",
    level: "error",
    what: "No security header is sent twice",
    why: "Browsers drop such a header, or take the weaker value.",
    fix: "Let one party set it: the origin, or the gate (ORIGIN_HEADERS: fill or enforce).",
    judge: ({ answers }) =>
      verdictOf(
        SINGLE.filter((name) => answers.some(({ headers }) => headers.get(name)?.includes(",")))
          .map((name) => `${name} is doubled`),
        "Each once",
      ),
  },
  {
    id: "headers.everywhere",
    level: "error",
    what: "Errors carry the same security headers as pages",
    why: "An error page that repeats the address is a page an attacker can write.",
    fix: "Set the headers outside the handlers, where errors pass too.",
    judge: ({ page, missing }) =>
      verdictOf(
        EVERYWHERE.filter((name) => page.headers.has(name) && !missing.headers.has(name))
          .map((name) => `${name} is absent with status ${missing.status}`),
        `Also with status ${missing.status}`,
      ),
  },
  {
    id: "headers.cors",
    level: "error",
    what: "Scripts of other sites cannot read answers in a visitor's name",
    why: "Whoever repeats any Origin and allows credentials has no same-origin policy.",
    fix: "Allow named origins alone, and credentials only to them.",
    judge: ({ foreign, options }) =>
      verdictOf(
        [foreign, options].flatMap(({ headers }) => {
          const allowed = headers.get("access-control-allow-origin") ?? "";
          const isOpen = [FOREIGN_ORIGIN, "null"].includes(allowed) ||
            (allowed === "*" && headers.get("access-control-allow-credentials") === "true");
          return isOpen ? [`${allowed} is allowed to ${FOREIGN_ORIGIN}`] : [];
        }),
        `Nothing is allowed to ${FOREIGN_ORIGIN}`,
      ),
  },
  {
    id: "headers.methods",
    level: "warning",
    what: "TRACE, TRACK and CONNECT are not offered",
    why: "TRACE repeats a request's cookies to the script that asked.",
    fix: "Turn these methods off in the server.",
    judge({ options: { headers } }) {
      const allowed = headers.get("allow") ?? headers.get("access-control-allow-methods") ?? "";
      return (/\b(?:trace|track|connect)\b/i.test(allowed) ? fail : pass)(
        allowed ? `Offered: ${allowed.slice(0, 100)}` : "Nothing is said to be offered",
      );
    },
  },
  {
    id: "headers.foreign-scripts",
    level: "warning",
    what: "Scripts of other hosts are tied to their content",
    why: "Whoever takes over that host runs scripts on every page.",
    fix: "Serve them yourself, or add integrity and crossorigin to the element.",
    judge: ({ page }) =>
      verdictOf(loneScripts(page).map((src) => `No integrity: ${src.slice(0, 100)}`), "All are"),
  },
];

export const headerFamily = createFamily(gather, CHECKS);
