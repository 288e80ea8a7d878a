/**
 * The first look at a site, shared by all families: the page it was asked for, further pages that
 * were named, and one that is not there.
 */
import type { Clock } from "../time.ts";
import { type Answer, type Probe, ProbeError } from "./probe.ts";

export interface VisitOptions {
  readonly url: URL;
  readonly probe: Probe;
  readonly clock: Clock;
  /** Paths to look at besides, such as a page that sets a cookie. */
  readonly paths?: readonly string[];
  /** `BASE_PATH` of the gate. */
  readonly basePath?: string;
  /** Where plain HTTP is answered; port 80 of the host when absent. */
  readonly plainUrl?: URL;
  /** Certificates in PEM that are trusted besides those of the system. */
  readonly caCerts?: readonly string[];
  /** Whether the limit may be used up to see that it holds. */
  readonly probesLimits?: boolean;
}

export interface Visit extends VisitOptions {
  readonly isHttps: boolean;
  /** Whether the site is on this machine, where plain HTTP is no fault. */
  readonly isLocal: boolean;
  /** A path of the gate itself. */
  own(path: string): URL;
  /** The page, after redirects on the same host. Throws `ProbeError` when nobody answered. */
  landing(): Answer;
  /** A page that does not exist. */
  missing(): Answer;
  /** All pages that were seen, the landing page first. */
  pages(): readonly Answer[];
}

export const PATHS_MAX = 5;
const REDIRECTS_MAX = 3;
const LOCAL = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Never rejects because of the site: who asks for an answer that is not there learns why. */
export async function visit(options: VisitOptions): Promise<Visit> {
  const { url, probe, paths = [], basePath = "" } = options;
  const landing = await caught(() => follow(url, probe));
  const others: (Answer | ProbeError)[] = [];
  for (const path of paths.slice(0, PATHS_MAX)) {
    others.push(await caught(() => probe.ask(new URL(path, url))));
  }
  const nowhere = new URL(`/nothing-here-${crypto.randomUUID().slice(0, 8)}`, url);
  const missing = landing instanceof ProbeError ? landing : await caught(() => probe.ask(nowhere));
  return {
    ...options,
    isHttps: url.protocol === "https:",
    isLocal: LOCAL.test(url.hostname),
    own: (path) => new URL(basePath + path, url),
    landing: () => demand(landing),
    missing: () => demand(missing),
    pages: () => [
      demand(landing),
      ...others.flatMap((one) => one instanceof ProbeError ? [] : [one]),
    ],
  };
}

async function follow(url: URL, probe: Probe): Promise<Answer> {
  let answer = await probe.ask(url);
  for (let i = 0; i < REDIRECTS_MAX; i++) {
    const next = redirectOf(answer);
    if (next?.host !== url.host || next.protocol !== url.protocol) break;
    answer = await probe.ask(next);
  }
  return answer;
}

/** Where a redirect leads. */
export function redirectOf({ url, status, headers }: Answer): URL | undefined {
  const location = headers.get("location");
  if (status < 300 || status > 399 || !location || !URL.canParse(location, url)) return undefined;
  return new URL(location, url);
}

async function caught(ask: () => Promise<Answer>): Promise<Answer | ProbeError> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ProbeError) return error;
    throw error;
  }
}

function demand(answer: Answer | ProbeError): Answer {
  if (answer instanceof ProbeError) throw answer;
  return answer;
}
