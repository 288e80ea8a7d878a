import { assertEquals } from "@std/assert";
import { originPolicy, pagePolicy } from "../../src/headers/content_policy.ts";

Deno.test("pagePolicy() puts the nonce where scripts and styles are, and nothing else of the answer", () => {
  const { withNonce } = pagePolicy("https", "/reports");
  const parts = withNonce("NONCE").split("NONCE");
  assertEquals(parts.length, 3);
  assertEquals(withNonce("other"), parts.join("other"));
  const allowing = withNonce("NONCE").split("; ").filter((directive) =>
    directive.includes("NONCE")
  );
  assertEquals(allowing.map((directive) => directive.split(" ")[0]), ["script-src", "style-src"]);
  assertEquals(withNonce("NONCE").includes("unsafe"), false);
});

Deno.test("pagePolicy() reports nowhere without a path", () => {
  for (const scheme of ["http", "https"] as const) {
    const { withNonce, endpoints } = pagePolicy(scheme);
    assertEquals([withNonce("n").includes("report"), endpoints], [false, ""]);
  }
});

Deno.test("pagePolicy() is one header value in visible ASCII", () => {
  assertEquals(/^[\x20-\x7e]+$/.test(pagePolicy("https", "/r").withNonce("n")), true);
  assertEquals(pagePolicy("https", "/r").withNonce("n").includes(","), false);
});

Deno.test("originPolicy() adds our report address unless the operator named one", () => {
  assertEquals(originPolicy(" img-src *; ", "/r"), "img-src *; report-uri /r");
  for (
    const policy of [
      "report-uri /x; img-src *",
      "img-src *;report-to a",
      "img-src *; Report-URI /x",
    ]
  ) {
    assertEquals(originPolicy(policy, "/r"), policy);
  }
  assertEquals(
    originPolicy("img-src https://report-uri.example", "/r"),
    "img-src https://report-uri.example; report-uri /r",
  );
});
