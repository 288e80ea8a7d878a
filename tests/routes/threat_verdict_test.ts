/** What is written down of a request that is refused, or would be. */
import { assertEquals } from "@std/assert";
import { createThreatVerdict } from "../../routes/threat_verdict.ts";
import type { GateContext } from "../../src/context.ts";
import type { ThreatScore } from "../../src/threats/engine.ts";
import { type Finding, protocolFinding } from "../../src/threats/score.ts";
import type { ThreatMode } from "../../src/threats/path_rules.ts";
import { createTestApp } from "../_app.ts";

const FROM = { ip: "198.51.100.7", subject: "198.51.100.7", peer: "198.51.100.7" };
const found = (field: string): Finding => ({
  signal: "sql_grammar/union",
  family: "sqli",
  confidence: 0.97,
  field,
  excerpt: "union select",
  matched: `union select ${field}`,
});
const BODY_UNREAD = protocolFinding("body/unread", 0.2, "body");
const MANY = Array.from({ length: 12 }, (_, at) => found(`query.q${at}`));

/** Verdicts of one gate, and the event of the last one: what was done, and the first signal. */
async function verdictOf(
  score: Partial<ThreatScore>,
  { mode = "enforce", gate = "enforce" }: { mode?: ThreatMode; gate?: string } = {},
) {
  await using app = await createTestApp({ env: { GATE_MODE: gate } });
  const context: GateContext = {
    requestId: "r-1",
    path: "/x",
    client: { ...FROM, viaTrustedProxy: false },
    scheme: "https",
    host: "gate.example",
    nonce: () => "",
    remoteAddr: { transport: "tcp", hostname: FROM.ip, port: 1 },
  };
  const request = new Request("http://gate.example/x");
  const whole = { payload: 0, findings: [], unread: false, unsupported: false, ...score };
  const verdict = createThreatVerdict(app.services);
  const codes = [verdict(context, request, whole, mode), verdict(context, request, whole, mode)];
  const { items } = await app.services.incidents.events({ limit: 10 });
  const [{ action, signals = [] } = { action: "nothing" }] = items;
  return {
    said: [codes[1] ?? "passed", action, signals[0]?.name, signals.length],
    isBlocked: app.services.blocks.verdict(FROM) === "deny",
  };
}

/** Score, mode of the path, mode of the gate; what was said of it. */
const VERDICTS: readonly (readonly [
  name: string,
  score: Partial<ThreatScore>,
  options: { mode?: ThreatMode; gate?: string },
  said: unknown[],
])[] = [
  ["nothing", {}, {}, ["passed", "nothing", undefined, 0]],
  ["an attack", { payload: 0.97, findings: [found("query.q")] }, {}, [
    "REQUEST_BLOCKED",
    "refuse",
    "sql_grammar/union",
    1,
  ]],
  ["an attack where the path is watched", { payload: 0.97, findings: [found("query.q")] }, {
    mode: "monitor",
  }, ["passed", "monitor", "sql_grammar/union", 1]],
  ["an attack where the gate watches", { payload: 0.97, findings: [found("query.q")] }, {
    gate: "monitor",
  }, ["passed", "monitor", "sql_grammar/union", 1]],
  ["what was not read, without a word of why", { unread: true }, {}, [
    "REQUEST_BLOCKED",
    "refuse",
    "request/unread",
    1,
  ]],
  ["what was not read", { unread: true, payload: 0.2, findings: [BODY_UNREAD] }, {}, [
    "REQUEST_BLOCKED",
    "refuse",
    "body/unread",
    1,
  ]],
  ["what was not read, where the path is watched", { unread: true, findings: [BODY_UNREAD] }, {
    mode: "monitor",
  }, ["passed", "monitor", "body/unread", 1]],
  ["what was not read, where the gate watches", { unread: true }, { gate: "monitor" }, [
    "passed",
    "monitor",
    "request/unread",
    1,
  ]],
  ["what was not read, beside attacks", { unread: true, payload: 1, findings: MANY }, {}, [
    "REQUEST_BLOCKED",
    "refuse",
    "request/unread",
    12,
  ]],
  ["what was not read where nobody looks", { unread: true }, { mode: "off" }, [
    "passed",
    "nothing",
    undefined,
    0,
  ]],
];

Deno.test("a verdict says what was done, or would be, and why", async () => {
  for (const [name, score, options, said] of VERDICTS) {
    assertEquals(await verdictOf(score, options), { said, isBlocked: false }, name);
  }
});
