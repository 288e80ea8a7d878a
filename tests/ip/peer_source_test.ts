import { assertThrows } from "@std/assert";
import { ConfigError } from "../../src/config.ts";
import { checkPeerSource } from "../../src/ip/peer_source.ts";

Deno.test("checkPeerSource() refuses DENO_TRUST_PROXY_HEADERS on a listener strangers can reach", () => {
  for (const host of ["0.0.0.0", "::", "[::]", "203.0.113.9", "shop.example", "128.0.0.1"]) {
    assertThrows(
      () => checkPeerSource({ DENO_TRUST_PROXY_HEADERS: "1" }, host),
      ConfigError,
      "DENO_TRUST_PROXY_HEADERS",
    );
  }
});

Deno.test("checkPeerSource() accepts it on this machine alone", () => {
  for (const host of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) {
    checkPeerSource({ DENO_TRUST_PROXY_HEADERS: "1" }, host);
  }
});

Deno.test("checkPeerSource() accepts any listener when it is not set", () => {
  for (const env of [{}, { DENO_TRUST_PROXY_HEADERS: "" }, { DENO_TRUST_PROXY_HEADERS: "0" }]) {
    checkPeerSource(env, "0.0.0.0");
  }
});
