/** Whether the cookies a site sets can be stolen, planted or sent along by others. */
import { type Check, createFamily, skip, type Verdict, verdictOf } from "./check.ts";
import type { Visit } from "./visit.ts";

interface Cookie {
  readonly name: string;
  /** Attributes by lower-case name; those without a value have "". */
  readonly attributes: ReadonlyMap<string, string>;
}

interface CookieFacts {
  readonly cookies: readonly Cookie[];
  readonly isHttps: boolean;
}

const COOKIES_MAX = 50;
/** What browsers cut longer lives to. */
const LIFE_DAYS_MAX = 400;
const DAY_SECONDS = 86_400;
/** Names that are given to what proves who somebody is. */
const CREDENTIAL = /sess|sid|auth|token|jwt|login|user|remember|__host-gatehouse/i;

/** Cookies of all pages that were seen, and of the gate's sign-in page. */
async function gather({ probe, own, pages, missing, isHttps }: Visit): Promise<CookieFacts> {
  const answers = [...pages(), missing(), await probe.ask(own("/admin/login"))];
  const lines = answers.flatMap(({ headers }) => headers.getSetCookie());
  return { cookies: lines.slice(0, COOKIES_MAX).map(readCookie), isHttps };
}

function readCookie(line: string): Cookie {
  const [pair, ...attributes] = line.split(";").map((part) => part.trim());
  return {
    name: pair.split("=", 1)[0],
    attributes: new Map(attributes.map((text): [string, string] => {
      const [name, value = ""] = text.split("=", 2);
      return [name.toLowerCase(), value.trim()];
    })),
  };
}

/** Fails with each cookie of which `fault` says what is wrong. */
const each = (fault: (cookie: Cookie) => string | undefined | false) =>
(
  { cookies }: CookieFacts,
): Verdict => {
  if (cookies.length === 0) return skip("No page that was looked at sets a cookie; try --path");
  const wrong = cookies.flatMap((cookie) => {
    const told = fault(cookie);
    return told ? [`${cookie.name} ${told}`] : [];
  });
  return verdictOf([...new Set(wrong)], [...new Set(cookies.map(({ name }) => name))].join(", "));
};

const isCredential = ({ name }: Cookie) => CREDENTIAL.test(name);

function prefixFault({ name, attributes }: Cookie): string | undefined {
  if (/^__(?:host|secure)-/i.test(name) && !attributes.has("secure")) return "lacks Secure";
  if (!/^__host-/i.test(name)) return undefined;
  if (attributes.has("domain")) return "has a Domain";
  return attributes.get("path") === "/" ? undefined : "lacks Path=/";
}

function lifeSeconds({ attributes }: Cookie): number {
  const age = attributes.get("max-age");
  return age === undefined ? 0 : Number(age);
}

const CHECKS: readonly Check<CookieFacts>[] = [
  {
    id: "cookies.secure",
    level: "error",
    what: "Cookies travel over HTTPS alone",
    why: "One plain request gives the cookie to everybody on the way.",
    fix: "Add Secure.",
    judge(facts) {
      if (!facts.isHttps) return skip("The site was asked over plain HTTP");
      return each(({ attributes }) => !attributes.has("secure") && "lacks Secure")(facts);
    },
  },
  {
    id: "cookies.http-only",
    level: "error",
    what: "Scripts cannot read cookies that prove who somebody is",
    why: "An injected script would send them away.",
    fix: "Add HttpOnly.",
    judge: each((cookie) =>
      isCredential(cookie) && !cookie.attributes.has("httponly") && "lacks HttpOnly"
    ),
  },
  {
    id: "cookies.same-site",
    level: "error",
    what: "Cookies say whether other sites' requests carry them",
    why: "Forms of other sites act in the name of a visitor who is signed in.",
    fix: "Add SameSite=Lax or Strict; SameSite=None needs Secure and a reason.",
    judge: each(({ attributes }) => {
      const sameSite = attributes.get("samesite")?.toLowerCase();
      if (sameSite === "none") {
        return !attributes.has("secure") && "is SameSite=None without Secure";
      }
      return !["lax", "strict"].includes(sameSite ?? "") && "lacks SameSite";
    }),
  },
  {
    id: "cookies.prefix",
    level: "error",
    what: "Cookies with a prefix keep what it promises",
    why: "Browsers refuse them otherwise, and nobody can sign in.",
    fix: "__Host- needs Secure, Path=/ and no Domain; __Secure- needs Secure.",
    judge: each(prefixFault),
  },
  {
    id: "cookies.scope",
    level: "warning",
    what: "Cookies that prove who somebody is stay on this host",
    why: "With a Domain, every other host below it gets them and can set them.",
    fix: "Leave Domain out; better, name the cookie __Host-….",
    judge: each((cookie) =>
      isCredential(cookie) && cookie.attributes.has("domain") &&
      `is sent to all of ${cookie.attributes.get("domain")}`
    ),
  },
  {
    id: "cookies.lifetime",
    level: "warning",
    what: "Cookies end in a reasonable time",
    why: "A stolen one is good for as long, and browsers cut it to 400 days anyway.",
    fix: "Set Max-Age to what the purpose needs.",
    judge: each((cookie) =>
      lifeSeconds(cookie) > LIFE_DAYS_MAX * DAY_SECONDS && "lives for more than 400 days"
    ),
  },
];

export const cookieFamily = createFamily(gather, CHECKS);
