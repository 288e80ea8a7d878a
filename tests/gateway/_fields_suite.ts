/** Which header fields cross a gateway, both ways. */
import { assertEquals, assertMatch } from "@std/assert";
import { ask, bytesOf } from "./_client.ts";
import { type StartGateway, startOrigin, startRawOrigin } from "./_process.ts";

const CLAIMS = [
  "CF-Connecting-IP",
  "CF-IPCountry",
  "Client-IP",
  "Forwarded",
  "Proxy",
  "True-Client-IP",
  "X-Client-IP",
  "X-Deno-Client-Address",
  "X-Forwarded-Anything",
  "X-Gatehouse-User",
  "X-Original-URL",
  "X-Real-IP",
  "X-Rewrite-URL",
  "X-Risk-Score",
  "X_Forwarded_For",
  "x_real_ip",
];

const OF_ONE_CONNECTION = [
  "Keep-Alive",
  "Proxy-Authorization",
  "Proxy-Connection",
  "TE",
  "Trailer",
  "Upgrade",
];

/** @param name Says which gateway is tested. */
export function fieldsSuite(name: string, start: StartGateway): void {
  Deno.test(`${name} tells the origin who asked, and drops what the client claims`, async () => {
    await using origin = await startOrigin();
    await using gate = await start({ ORIGIN_URL: origin.url });
    const { text } = await ask(gate.url, "/echo", {
      headers: [
        ...CLAIMS.map((claim) => [claim, "6.6.6.6"] as const),
        ["X-Forwarded-For", "6.6.6.6"],
        ["X-Forwarded-Proto", "https"],
        ["X-Forwarded-Host", "evil.example"],
        ["X-Request-Id", "mine"],
        ["Cookie", "a=1"],
        ["Cookie", "b=2"],
        ["Authorization", "Bearer kept"],
        ["X-Kept", "caf\xe9"],
      ],
    });
    // The client shows bytes; the JSON is UTF-8.
    const { headers } = JSON.parse(new TextDecoder().decode(bytesOf(text)));
    for (const claim of CLAIMS) assertEquals(headers[claim.toLowerCase()], undefined, claim);
    assertEquals(headers["x-forwarded-for"], "127.0.0.1");
    assertEquals(headers["x-forwarded-proto"], "http");
    assertEquals(headers["x-forwarded-host"], new URL(gate.url).host);
    // An origin on this machine is asked for what the client asked for.
    assertEquals(headers.host, new URL(gate.url).host);
    assertEquals(headers["x-forwarded-port"], new URL(gate.url).port);
    assertMatch(headers["x-request-id"], /^[\w]+-[\w]+$/);
    assertMatch(headers["cdn-loop"], /^gatehouse-[\w-]+$/);
    assertEquals(headers.cookie, "a=1; b=2");
    assertEquals([headers.authorization, headers["x-kept"]], ["Bearer kept", "caf\u00e9"]);
  });

  Deno.test(`${name} keeps fields of one connection to it`, async () => {
    await using origin = await startOrigin();
    await using raw = await startRawOrigin();
    await using gate = await start({ ORIGIN_URL: origin.url });
    await using toRaw = await start({ ORIGIN_URL: raw.url });
    const { text } = await ask(gate.url, "/echo", {
      headers: [
        ...OF_ONE_CONNECTION.map((field) => [field, "x"] as const),
        ["Connection", "X-Named, X-Forwarded-For, Content-Length, Host"],
        ["X-Named", "x"],
        ["CDN-Loop", "other; v=1"],
      ],
      method: "POST",
      body: "five!",
    });
    const { headers, bytes } = JSON.parse(text);
    for (const field of [...OF_ONE_CONNECTION, "Connection", "X-Named"]) {
      assertEquals(headers[field.toLowerCase()], undefined, field);
    }
    // Naming our own fields, or the body's length, in Connection takes nothing away.
    assertEquals([headers["x-forwarded-for"], bytes], ["127.0.0.1", 5]);
    assertMatch(headers["cdn-loop"], /^other; v=1, gatehouse-[\w-]+$/);

    const reply = await ask(gate.url, "/fields");
    assertEquals([reply.field("x-kept"), reply.field("server")], ["yes", "origin/1"]);
    for (
      const field of [
        "keep-alive",
        "proxy-authenticate",
        "alt-svc",
        "cdn-cache-control",
        "deno-cdn-cache-control",
        "deno-cache-tag",
        "deno-cache-id",
      ]
    ) assertEquals(reply.field(field), undefined, field);
    const hop = await ask(toRaw.url, "/hop");
    assertEquals([hop.field("x-secret"), hop.field("x-kept")], [undefined, "1"]);
    const odd = await ask(toRaw.url, "/bytes-in-fields");
    assertEquals(odd.field("x-bytes"), "caf\xe9 \xc3\xa0");
  });
}
