/**
 * Which security headers an answer gets. All that can be known at the start is worked out at the
 * start; the two writers then only append, since they stand in the way of every request.
 */
import { type Config, ConfigError } from "../config.ts";
import type { HeaderMode } from "../config_shapes.ts";
import type { GateContext } from "../context.ts";
import { DATA_POLICY, originPolicy, pagePolicy } from "./content_policy.ts";
import { BANNERS, CONTENT_POLICY, HEADER_TABLE, type HeaderRow, XSS_PROTECTION } from "./table.ts";

export interface SecurityHeadersOptions
  extends Pick<Config, "XSS_PROTECTION" | "ORIGIN_HEADERS" | "ORIGIN_CSP"> {
  /** Absolute path of the endpoint that takes CSP reports. */
  readonly reportPath: string;
}

export interface SecurityHeaders {
  /**
   * For an answer we wrote. HTML gets the nonce policy, all else the policy that allows nothing.
   * Appends, so the handler must not have set one of these names. Cheapest on few fields, as a look
   * for a name goes through all there are. A refusal sends no Referer to anywhere.
   */
  writeOwn(
    headers: Headers,
    gate: Pick<GateContext, "nonce" | "scheme">,
    isRefusal?: boolean,
  ): void;
  /**
   * For an answer of the origin, by the modes of `ORIGIN_HEADERS`. They must be mutable: of a
   * `new Response(...)`, not of the one `fetch` gave.
   */
  writeOrigin(headers: Headers, gate: Pick<GateContext, "scheme">): void;
}

/** What is done to one header of an origin's answer. */
interface Step {
  readonly name: string;
  readonly act: "fill" | "set" | "append" | "remove";
  readonly value: string;
  readonly httpsOnly: boolean;
}

/** Throws `ConfigError` naming ORIGIN_HEADERS when a mode has no meaning. */
export function createSecurityHeaders(options: SecurityHeadersOptions): SecurityHeaders {
  const pages = {
    http: pagePolicy("http", options.reportPath),
    https: pagePolicy("https", options.reportPath),
  };
  const table = tableFor(options);
  const rows = Object.entries(table);
  const ofAnswers = {
    page: rows.map(([name, { own: value }]) => ({ name, value })),
    data: rows.map(([name, { own, data: value = own }]) => ({ name, value })),
  };
  const ofRefusals = {
    page: rows.map(([name, { own, refusal: value = own }]) => ({ name, value })),
    data: rows.map(([name, { own, data = own, refusal: value = data }]) => ({ name, value })),
  };
  const steps = originSteps(table, options);

  return {
    writeOwn(headers, gate, isRefusal = false) {
      const isPage = headers.get("content-type")?.startsWith("text/html");
      if (isPage) {
        const page = pages[gate.scheme];
        headers.append(CONTENT_POLICY, page.withNonce(gate.nonce()));
        if (page.endpoints) headers.append("reporting-endpoints", page.endpoints);
      } else {
        headers.append(CONTENT_POLICY, DATA_POLICY);
      }
      // By index: this runs for every answer, and an iterator costs as much as an append.
      const own = (isRefusal ? ofRefusals : ofAnswers)[isPage ? "page" : "data"];
      for (let i = 0; i < own.length; i++) headers.append(own[i].name, own[i].value);
    },

    writeOrigin(headers, { scheme }) {
      for (const { name, act, value, httpsOnly } of steps) {
        if (httpsOnly && scheme !== "https") continue;
        if (act === "set") headers.set(name, value);
        else if (act === "remove") headers.delete(name);
        else if (act === "append" || !headers.has(name)) headers.append(name, value);
      }
    },
  };
}

function tableFor(
  { XSS_PROTECTION: value }: SecurityHeadersOptions,
): Readonly<Record<string, HeaderRow>> {
  return { ...HEADER_TABLE, [XSS_PROTECTION]: { own: value, fill: value } };
}

function originSteps(
  table: Readonly<Record<string, HeaderRow>>,
  { ORIGIN_HEADERS: modes, ORIGIN_CSP, reportPath }: SecurityHeadersOptions,
): Step[] {
  checkModes(table, modes);
  const others = modes.get("*") ?? "fill";
  const policy = originPolicy(ORIGIN_CSP, reportPath);
  const steps = contentPolicySteps(modes.get(CONTENT_POLICY) ?? others, policy);
  for (const [name, row] of Object.entries(table)) {
    const mode = modes.get(name) ?? (row.fillByName && others === "fill" ? "off" : others);
    const httpsOnly = row.originHttpsOnly === true;
    if (mode === "fill") steps.push({ name, act: "fill", value: row.fill, httpsOnly });
    if (mode === "enforce") steps.push({ name, act: "set", value: row.own, httpsOnly });
  }
  for (const name of BANNERS) {
    if ((modes.get(name) ?? others) !== "enforce") continue;
    steps.push({ name, act: "remove", value: "", httpsOnly: false });
  }
  return steps;
}

/** A second policy beside the origin's own can only forbid more, so this one is never replaced. */
function contentPolicySteps(mode: HeaderMode, value: string): Step[] {
  const step = { name: CONTENT_POLICY, value, httpsOnly: false };
  switch (mode) {
    case "enforce":
      return [{ ...step, act: "append" }];
    case "fill":
      return [{ ...step, act: "fill" }];
    case "report-only":
      return [{ ...step, act: "append", name: `${CONTENT_POLICY}-report-only` }];
    case "off":
      return [];
  }
}

function checkModes(
  table: Readonly<Record<string, HeaderRow>>,
  modes: ReadonlyMap<string, HeaderMode>,
): void {
  const names = [CONTENT_POLICY, ...Object.keys(table), ...BANNERS];
  for (const [name, mode] of modes) {
    if (name === "*") continue;
    if (!names.includes(name)) {
      throw new ConfigError(
        `ORIGIN_HEADERS cannot hold "${name}", which is none of ${names.join(", ")}`,
      );
    }
    if (mode === "report-only" && name !== CONTENT_POLICY) {
      throw new ConfigError(
        `ORIGIN_HEADERS cannot hold "${name}=report-only": only ${CONTENT_POLICY} is reported`,
      );
    }
  }
}
