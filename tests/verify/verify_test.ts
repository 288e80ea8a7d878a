import { assert, assertEquals, assertMatch } from "@std/assert";
import { DAY, systemClock } from "../../src/time.ts";
import { hasFailed, RULES, verify } from "../../src/verify/verify.ts";
import { serveTestApp } from "../_app.ts";
import { makeCertificate } from "../gateway/_certificate.ts";
import {
  bareSite,
  createSilentSite,
  idsOf,
  look,
  serveSecureApp,
  serveSite,
  wrongSite,
} from "./_sites.ts";

const ALL = RULES.map(({ id }) => id).sort();
const idsIn = (family: string) => ALL.filter((id) => id.startsWith(`${family}.`));

Deno.test("verify() passes the app over HTTP in all that applies there", async () => {
  await using app = await serveTestApp();
  const report = await look(new URL(app.url), { probesLimits: true });
  assertEquals(idsOf(report, "fail"), []);
  assertEquals(
    idsOf(report, "skip"),
    [...idsIn("cookies"), "headers.hsts", ...idsIn("tls")].sort(),
  );
  assertEquals(hasFailed(report, true), false);
});

Deno.test("verify() passes the app over HTTPS in everything", async () => {
  await using app = await serveSecureApp();
  const report = await look(app.url, {
    certificate: app.certificate,
    caCerts: [app.certificate.cert],
    plainUrl: app.plainUrl,
    paths: ["/us/cart"],
    probesLimits: true,
    // Its certificate is good for two days.
    clock: { ...systemClock, now: () => Date.now() - 30 * DAY },
  });
  assertEquals([idsOf(report, "fail"), idsOf(report, "skip")], [[], []]);
  assertEquals(idsOf(report, "pass"), ALL);
});

Deno.test("verify() fails each check on a site that does it wrong", async () => {
  await using certificate = await makeCertificate();
  await using bare = serveSite(bareSite, certificate);
  await using wrong = serveSite(wrongSite, certificate);
  await using silent = serveSite(createSilentSite(), certificate);
  await using plain = serveSite(() => new Response("hello"));
  const options = { certificate, plainUrl: plain.url, probesLimits: true };
  const reports = [
    await look(bare.url, options),
    await look(wrong.url, options),
    await look(silent.url, options),
    // Somebody else's machine, as far as the name tells.
    await verify({
      url: new URL("http://shop.example/"),
      clock: systemClock,
      fetch: () => Promise.resolve(new Response("hello")),
    }),
  ];
  const failed = new Set(reports.flatMap((report) => idsOf(report, "fail")));
  // These two need a server of another make: tests/verify/tls_handshake_test.ts.
  const elsewhere = ["tls.modern", "tls.old-versions"];
  assertEquals(ALL.filter((id) => !failed.has(id)), elsewhere);
  assert(reports.every((report) => hasFailed(report)));
});

Deno.test("verify() only reads, and asks two dozen times at most", async () => {
  for (const handle of [bareSite, wrongSite]) {
    await using site = serveSite(handle);
    const { requests } = await look(site.url, { paths: new Array(9).fill("/more") });
    assertEquals(requests, site.asked.length);
    assert(requests <= 24, `${requests} requests`);
    assert(site.asked.every((line) => /^(?:GET|HEAD|OPTIONS) /.test(line)));
  }
});

Deno.test("verify() does not make the gate suspicious of whoever runs it", async () => {
  await using app = await serveTestApp();
  await look(new URL(app.url));
  const { suspicion, metrics } = app.services;
  assertEquals(suspicion.behaviourOf("127.0.0.1"), 0);
  assertEquals([...metrics.suspiciousActivity.counts.values()].every((count) => count === 0), true);
});

Deno.test("verify({ probesLimits }) stops a tenth beyond the quota", async () => {
  await using site = serveSite(() =>
    new Response("", { headers: { "x-ratelimit-limit": "50", "x-ratelimit-remaining": "50" } })
  );
  const report = await look(site.url, { probesLimits: true });
  const { detail } = report.results.find(({ id }) => id === "limits.enforced")!;
  assertEquals(detail, "60 requests passed");
});

Deno.test("verify({ probesLimits }) leaves a quota of more than 300 alone", async () => {
  await using site = serveSite(() =>
    new Response("", { headers: { "x-ratelimit-limit": "301", "x-ratelimit-remaining": "301" } })
  );
  const report = await look(site.url, { probesLimits: true });
  assert(idsOf(report, "skip").includes("limits.enforced"));
});

Deno.test("verify() of a site that does not answer judges nothing and has failed", async () => {
  const site = serveSite(bareSite);
  await site[Symbol.asyncDispose]();
  const report = await look(site.url);
  assertEquals(idsOf(report, "pass"), []);
  assertEquals(hasFailed(report), true);
  assertMatch(report.results[0].detail, /^No answer from http:\/\/localhost:\d+\/: /);
});

Deno.test("verify() of a site with an untrusted certificate still judges the TLS", async () => {
  await using certificate = await makeCertificate();
  await using site = serveSite(bareSite, certificate);
  const report = await look(site.url);
  assertEquals(idsOf(report, "fail"), ["tls.expiry", "tls.trusted"]);
  assertEquals(idsOf(report, "pass"), ["tls.https", "tls.modern", "tls.old-versions"]);
});

Deno.test("verify() follows redirects on the host alone", async () => {
  await using site = serveSite(({ url }) =>
    url.endsWith("/us") ? new Response("Welcome") : Response.redirect(new URL("/us", url))
  );
  await using away = serveSite(() => Response.redirect("https://other.example/"));
  await look(site.url);
  assertEquals(site.asked.slice(0, 2), ["GET /", "GET /us"]);
  const fetched: string[] = [];
  await look(away.url, {
    fetch: (input, init) => {
      fetched.push(new URL(String(input)).host);
      return fetch(input, init);
    },
  });
  assertEquals([...new Set(fetched)], [away.url.host]);
});

Deno.test("every rule has an id of its own, and words for all that it must say", () => {
  assertEquals(new Set(ALL).size, ALL.length);
  for (const { id, what, why, fix } of RULES) {
    assertMatch(id, /^(?:headers|auth|limits|cookies|tls)\.[a-z-]+$/);
    assert(!what.endsWith(".") && why.endsWith(".") && fix.endsWith("."), id);
  }
});
