import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { ConfigError, parseConfig } from "../../src/config.ts";
import { createSecurityHeaders, type SecurityHeaders } from "../../src/headers/policy.ts";

const REPORT_PATH = "/api/v1/security/csp-reports";
const NONCE = "bm9uY2Ugb2YgdGVzdHM=";

const build = (env: Record<string, string> = {}): SecurityHeaders =>
  createSecurityHeaders({ ...parseConfig(env), reportPath: REPORT_PATH });

const ownHeaders = (
  contentType: string | undefined,
  env = {},
  scheme: "http" | "https" = "https",
): Headers => {
  const headers = new Headers(contentType === undefined ? {} : { "content-type": contentType });
  build(env).writeOwn(headers, { nonce: () => NONCE, scheme });
  return headers;
};

const originHeaders = (
  modes: string | undefined,
  sent: Record<string, string> = {},
  { scheme = "https", ...env }: Record<string, string> & { scheme?: string } = {},
): Headers => {
  const headers = new Headers(sent);
  const settings = modes === undefined ? env : { ...env, ORIGIN_HEADERS: modes };
  build(settings).writeOrigin(headers, { scheme: scheme as "http" | "https" });
  return headers;
};

/** What the specification asks of every answer of ours, besides the Content-Security-Policy. */
const FIXED: Readonly<Record<string, string>> = {
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  "x-xss-protection": "1; mode=block",
  "strict-transport-security": "max-age=31536000; includeSubDomains",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

Deno.test("writeOwn() puts every fixed header on every kind of answer, once", () => {
  for (const type of ["text/html; charset=utf-8", "application/json", "image/svg+xml", undefined]) {
    const headers = ownHeaders(type);
    for (const [name, value] of Object.entries(FIXED)) assertEquals(headers.get(name), value, name);
    assertMatch(headers.get("permissions-policy") ?? "", /camera=\(\),.*geolocation=\(\)/);
  }
});

Deno.test("writeOwn() gives HTML the nonce policy and a place to report to", () => {
  const headers = ownHeaders("text/html; charset=utf-8");
  const policy = headers.get("content-security-policy") ?? "";
  assertEquals(policy.split("; "), [
    "default-src 'none'",
    `script-src 'nonce-${NONCE}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${NONCE}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    `report-uri ${REPORT_PATH}`,
    "report-to csp",
  ]);
  assertEquals(headers.get("reporting-endpoints"), `csp="${REPORT_PATH}"`);
});

Deno.test("writeOwn() names no reporting group over plain HTTP, where browsers would not use it", () => {
  const headers = ownHeaders("text/html", {}, "http");
  const policy = headers.get("content-security-policy") ?? "";
  assertEquals(policy.endsWith(`; report-uri ${REPORT_PATH}`), true);
  assertEquals(headers.has("reporting-endpoints"), false);
});

Deno.test("writeOwn() lets nothing that is no page do anything, and draws no nonce for it", () => {
  for (const type of ["application/json", "application/problem+json", "text/css", undefined]) {
    const headers = new Headers(type ? { "content-type": type } : {});
    build().writeOwn(headers, {
      scheme: "https",
      nonce: () => {
        throw new Error("A nonce was drawn");
      },
    });
    assertEquals(
      headers.get("content-security-policy"),
      "default-src 'none'; frame-ancestors 'none'",
    );
    assertEquals(headers.has("reporting-endpoints"), false);
  }
});

Deno.test("writeOwn() allows no inline script, no inline style and no eval anywhere", () => {
  for (const type of ["text/html", "application/json"]) {
    const policy = ownHeaders(type).get("content-security-policy") ?? "";
    assertEquals(/unsafe-|\*|https?:/.test(policy), false, policy);
  }
});

Deno.test("writeOwn() writes X-XSS-Protection as it is set", () => {
  const headers = ownHeaders("text/html", { XSS_PROTECTION: "0" });
  assertEquals(headers.get("x-xss-protection"), "0");
});

Deno.test("writeOrigin() fills what the origin left out, by default", () => {
  const headers = originHeaders(undefined);
  assertEquals(Object.fromEntries(headers), {
    "content-security-policy": `object-src 'self'; base-uri 'self'; report-uri ${REPORT_PATH}`,
    "x-frame-options": "SAMEORIGIN",
    "x-content-type-options": "nosniff",
    "x-xss-protection": "1; mode=block",
    "strict-transport-security": "max-age=31536000",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "hid=(self), midi=(self), serial=(self), usb=(self)",
    "cross-origin-opener-policy": "same-origin-allow-popups",
  });
});

Deno.test("writeOrigin() leaves the origin's own headers as they are when filling", () => {
  const sent = {
    "content-security-policy": "default-src https:",
    "x-frame-options": "ALLOW-FROM https://partner.example",
    "x-content-type-options": "nosniff",
    "x-xss-protection": "0",
    "strict-transport-security": "max-age=60",
    "referrer-policy": "unsafe-url",
    "permissions-policy": "camera=*",
    "cross-origin-opener-policy": "unsafe-none",
    "cross-origin-resource-policy": "cross-origin",
    "x-powered-by": "PHP/5.3",
    "content-type": "text/html",
  };
  assertEquals(Object.fromEntries(originHeaders("*=fill", sent)), sent);
});

Deno.test("writeOrigin() replaces every header but the policy when enforcing, which it adds", () => {
  const headers = originHeaders("*=enforce", {
    "content-security-policy": "default-src https:",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "unsafe-url",
    "cross-origin-resource-policy": "cross-origin",
    "x-powered-by": "PHP/5.3",
    "server": "Apache",
  });
  for (const [name, value] of Object.entries(FIXED)) assertEquals(headers.get(name), value, name);
  assertEquals(
    headers.get("content-security-policy"),
    `default-src https:, object-src 'self'; base-uri 'self'; report-uri ${REPORT_PATH}`,
  );
  assertEquals([headers.get("x-powered-by"), headers.get("server")], [null, null]);
});

Deno.test("writeOrigin() never says two values of a header that takes one", () => {
  const sent = Object.fromEntries(
    [...Object.keys(FIXED), "permissions-policy"].map((name) => [name, "sent"]),
  );
  for (const mode of ["fill", "enforce", "report-only", "off"]) {
    for (const [name, value] of originHeaders(`*=${mode}`, sent)) {
      // A comma would join two values; the lists of features hold commas of their own.
      if (!/policy$/.test(name)) assertEquals(value.includes(", "), false, `${mode} ${name}`);
    }
  }
});

Deno.test("writeOrigin() only reports when told so, and touches nothing else", () => {
  const sent = { "content-security-policy": "default-src https:", "x-powered-by": "x" };
  const headers = originHeaders("*=report-only", sent, { ORIGIN_CSP: "script-src 'self';" });
  headers.delete("content-type");
  assertEquals(Object.fromEntries(headers), {
    ...sent,
    "content-security-policy-report-only": `script-src 'self'; report-uri ${REPORT_PATH}`,
  });
});

Deno.test("writeOrigin() does nothing when off", () => {
  assertEquals(Object.fromEntries(originHeaders("*=off", { server: "x" })), { server: "x" });
});

Deno.test("writeOrigin() sets a header by its own mode before that of all", () => {
  const headers = originHeaders("*=off,x-frame-options=enforce,referrer-policy=fill", {
    "x-frame-options": "SAMEORIGIN",
  });
  headers.delete("content-type");
  assertEquals(Object.fromEntries(headers), {
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
  });
  const banner = originHeaders("*=fill,x-powered-by=enforce", { "x-powered-by": "x", server: "x" });
  assertEquals([banner.get("x-powered-by"), banner.get("server")], [null, "x"]);
});

Deno.test("writeOrigin() fills what no mode names, as the setting's default is", () => {
  const headers = originHeaders("x-frame-options=off");
  assertEquals(headers.get("x-frame-options"), null);
  assertEquals(headers.get("x-content-type-options"), "nosniff");
});

Deno.test("writeOrigin() fills Cross-Origin-Resource-Policy only where it is named", () => {
  assertEquals(originHeaders("*=fill").get("cross-origin-resource-policy"), null);
  assertEquals(
    originHeaders("cross-origin-resource-policy=fill").get("cross-origin-resource-policy"),
    "same-site",
  );
});

Deno.test("writeOrigin() never asks for embedder isolation, which breaks foreign pictures", () => {
  for (const mode of ["fill", "enforce"]) {
    assertEquals(originHeaders(`*=${mode}`).has("cross-origin-embedder-policy"), false);
  }
});

Deno.test("writeOrigin() says Strict-Transport-Security over HTTPS alone", () => {
  for (const mode of ["fill", "enforce"]) {
    const headers = originHeaders(`*=${mode}`, {}, { scheme: "http" });
    assertEquals(headers.has("strict-transport-security"), false);
  }
});

Deno.test("writeOrigin() leaves a report address that the operator gave", () => {
  for (const policy of ["script-src 'self'; report-uri /mine", "report-to mine ; img-src *"]) {
    const headers = originHeaders("*=enforce", {}, { ORIGIN_CSP: policy });
    assertEquals(headers.get("content-security-policy"), policy);
  }
});

Deno.test("createSecurityHeaders() refuses a mode that means nothing, and names the setting", () => {
  const refused: readonly [string, string][] = [
    ["x-frame-option=enforce", "x-frame-option"],
    ["cross-origin-embedder-policy=fill", "cross-origin-embedder-policy"],
    ["x-frame-options=report-only", "only content-security-policy"],
  ];
  for (const [modes, word] of refused) {
    const error = assertThrows(() => build({ ORIGIN_HEADERS: modes }), ConfigError);
    assert(error.message.includes("ORIGIN_HEADERS") && error.message.includes(word), error.message);
  }
});

Deno.test("parseConfig() refuses a policy that would split the header", () => {
  assertThrows(() => build({ ORIGIN_CSP: "a\r\nset-cookie: b" }), ConfigError, "ORIGIN_CSP");
});
