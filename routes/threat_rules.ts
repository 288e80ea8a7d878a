/** `/api/v1/security/rules`: where threats on the site are refused, only watched, or not looked for. */
import { z } from "zod";
import type { ThreatRuleDocument } from "../src/kv/keys.ts";
import type { Services } from "../src/services.ts";
import { EXEMPT_MAX, PATH_MAX, RULES_MAX } from "../src/threats/rule_check.ts";
import { reply } from "./endpoint/definition.ts";
import type { Endpoints } from "./endpoint/register.ts";

const Rule = z.strictObject({
  method: z.string().max(10).default("*").describe("In capitals; `*` for all"),
  path: z.string().min(1).max(PATH_MAX).describe(
    "Exact; `*` for one segment, a final `*` for the whole rest",
  ),
  mode: z.enum(["enforce", "monitor", "off"]).default("enforce"),
  exempt: z.array(z.string().min(1).max(80)).max(EXEMPT_MAX).default([]).describe(
    "Fields that are not examined, with all inside them: `body_html`, `post.content` of a body, or with their place `query.q`, `cookie.prefs`, `header.x-foo`, `url.path`",
  ),
});

const RuleView = z.object({
  method: z.string(),
  path: z.string(),
  mode: z.enum(["enforce", "monitor", "off"]),
  exempt: z.array(z.string()),
});

const Rules = z.object({
  version: z.number().int(),
  rules: z.array(RuleView).describe("The first that fits a request applies"),
  configured: z.array(RuleView).describe("Those of `THREAT_RULES`, which come after"),
});

export function threatRuleRoutes(
  endpoints: Endpoints,
  { threatRules, config }: Pick<Services, "threatRules" | "config">,
): void {
  const view = ({ version, rules }: ThreatRuleDocument) => ({
    version,
    rules,
    configured: config.THREAT_RULES,
  });

  endpoints.define({
    method: "GET",
    path: "/api/v1/security/rules",
    summary: "Threat rules by method and path",
    access: { role: "analyst", scope: "security:read" },
    versioned: true,
    answers: { 200: { about: "The rules, and their version", schema: Rules } },
    handle: async () => reply(200, view(await threatRules.get())),
  });

  endpoints.define({
    method: "PUT",
    path: "/api/v1/security/rules",
    summary: "Replace the threat rules; known everywhere within 5 seconds",
    access: { role: "admin", scope: "security:write" },
    versioned: true,
    body: z.object({
      version: z.number().int().min(0).optional().describe("Of the rules these were made from"),
      rules: z.array(Rule).max(RULES_MAX),
      configured: z.array(RuleView.strict()).optional().describe(
        "As it was read; changed by nobody here",
      ),
    }),
    example: {
      rules: [{ method: "POST", path: "/pages/*", mode: "enforce", exempt: ["body_html"] }],
    },
    answers: { 200: { about: "The rules as they are now", schema: Rules } },
    errors: ["CONFLICT", "PRECONDITION_FAILED"],
    async handle({ body, caller, request, ifMatch }) {
      if (request.headers.has("if-match")) await ifMatch(view(await threatRules.get()));
      return reply(200, view(await threatRules.put(body, caller.actor)));
    },
  });
}
