/** Requests as the engine sees them, for the tests of threats. */
import { createThreatEngine, type ThreatScore } from "../../src/threats/engine.ts";
import type { RequestHead } from "../../src/threats/request_head.ts";

export const BROWSER = {
  "accept": "text/html",
  "user-agent":
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36",
};

/** A request above this is refused by default. */
export const REFUSED = 0.8;

export const engine = createThreatEngine();

export const head = (
  target: string,
  headers: Readonly<Record<string, string>> = {},
): RequestHead => ({ method: "GET", target, headers: new Headers({ ...BROWSER, ...headers }) });

export const scoreTarget = (
  target: string,
  headers: Readonly<Record<string, string>> = {},
): ThreatScore => engine.scoreHead(head(target, headers));

/** `text` as a search in the query. */
export const scoreQuery = (text: string): ThreatScore =>
  scoreTarget(`/search?q=${encodeURIComponent(text).replaceAll("%20", "+")}`);

export const scoreBody = (text: string | Uint8Array, type = "application/json"): ThreatScore =>
  engine.scoreBody(head("/api", type ? { "content-type": type } : {}), {
    bytes: typeof text === "string" ? new TextEncoder().encode(text) : text,
    whole: true,
  });

/** `text` as a string in JSON. */
export const scoreJson = (text: string): ThreatScore => scoreBody(JSON.stringify({ text, n: 1 }));

export const signalsOf = ({ findings }: ThreatScore): string[] =>
  findings.map(({ signal }) => signal.slice(0, signal.indexOf("/")));
