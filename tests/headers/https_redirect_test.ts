import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { ClientAddress } from "../../src/context.ts";
import { AppError } from "../../src/errors/app_error.ts";
import { createHttpsRedirect } from "../../src/headers/https_redirect.ts";
import { createPublicHosts } from "../../src/ip/public_hosts.ts";

const REQUEST = { scheme: "http", host: "shop.example", path: "/us/cart", search: "?a=1" } as const;
const redirect = createHttpsRedirect({ enabled: true, basePath: "" });

Deno.test("httpsRedirect() keeps host, path and query, and drops the plain port", () => {
  assertEquals(redirect(REQUEST), "https://shop.example/us/cart?a=1");
  assertEquals(
    redirect({ ...REQUEST, host: "shop.example:80" }),
    "https://shop.example/us/cart?a=1",
  );
  assertEquals(redirect({ ...REQUEST, host: "[::1]:8000", search: "" }), "https://[::1]/us/cart");
  assertEquals(redirect({ ...REQUEST, host: "[::1]", search: "" }), "https://[::1]/us/cart");
});

Deno.test("httpsRedirect() lets HTTPS pass, and everything while it is off", () => {
  assertEquals(redirect({ ...REQUEST, scheme: "https" }), null);
  const off = createHttpsRedirect({ enabled: false, basePath: "" });
  assertEquals(off(REQUEST), null);
  assertEquals(off({ ...REQUEST, host: "" }), null);
});

Deno.test("httpsRedirect() never redirects a probe, and nothing that only looks like one", () => {
  const based = createHttpsRedirect({ enabled: true, basePath: "/_gatehouse" });
  for (const path of ["/healthz", "/readyz", "/healthz/"]) {
    assertEquals(redirect({ ...REQUEST, path }), null);
    assertEquals(based({ ...REQUEST, path: `/_gatehouse${path}` }), null);
    assertEquals(based({ ...REQUEST, path, search: "" }), `https://shop.example${path}`);
  }
  for (const path of ["/healthz/x", "/healthzz", "//healthz", "/Healthz"]) {
    assertEquals(redirect({ ...REQUEST, path, search: "" }), `https://shop.example${path}`);
  }
});

Deno.test("httpsRedirect() refuses a request that names no usable host", () => {
  const error = assertThrows(() => redirect({ ...REQUEST, host: "" }), AppError);
  assertEquals(error instanceof AppError && error.code, "MALFORMED_REQUEST");
});

Deno.test("httpsRedirect() stays on the host that was asked, whatever Host and path hold", () => {
  const client: ClientAddress = { ip: "::1", subject: "", peer: "::1", viaTrustedProxy: false };
  const hosts = createPublicHosts([]);
  const words = fc.constantFrom(
    "a.example",
    "evil.example",
    "@",
    "/",
    "\\",
    ":",
    "80",
    "#",
    "?",
    "//",
  );
  const texts = fc.array(words, { maxLength: 6 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(texts, texts, (written, rest) => {
      const request = { url: `http://${written}/`, headers: new Headers({ host: written }) };
      const host = hosts.of(client, request);
      fc.pre(host !== "");
      const { pathname: path, search } = new URL(`http://${host}/${rest}`);
      const location = new URL(redirect({ scheme: "http", host, path, search })!);
      assertEquals(location.hostname, new URL(`http://${host}/`).hostname);
      assertEquals([location.protocol, location.port, location.username], ["https:", "", ""]);
    }),
    { numRuns: 2_000 },
  );
});
