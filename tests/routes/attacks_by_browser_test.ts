/** What another site can make a signed-in person's browser send, and cookies that were tampered with. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { codeOf, itemsOf, openIdentityApp, ORIGIN, PASSWORD } from "./_identity_app.ts";

const KEYS = "/api/v1/auth/keys";
const ME = "/api/v1/auth/me";
const EVIL = "https://evil.example";

/** Everything a page that is not ours can make a browser say of itself. */
const FOREIGN: readonly Readonly<Record<string, string>>[] = [
  { origin: EVIL, "sec-fetch-site": "cross-site" },
  { origin: EVIL },
  { origin: "null" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site", origin: "http://other.gate.example" },
  { "sec-fetch-site": "none" },
  { "sec-fetch-site": "cross-site", origin: ORIGIN },
  { origin: "https://gate.example" },
  { origin: "http://gate.example:8080" },
  { origin: `${ORIGIN}.evil.example` },
  { referer: `${ORIGIN}/admin` },
  { origin: EVIL, "x-csrf-token": "a".repeat(43) },
  { origin: EVIL, "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" },
  {},
];

Deno.test("another site cannot use the cookie of a signed-in person", async (t) => {
  await using app = await openIdentityApp();
  const { email, token } = await app.person("admin");
  const { cookie, csrfToken } = await app.console(email);
  const draft = { name: "stolen", scopes: ["audit:read"] };
  const keys = async () => itemsOf(await app.get(KEYS, { token })).length;

  await t.step("by JSON", async () => {
    for (const headers of FOREIGN) {
      const sent = { cookie, headers, json: draft };
      assertEquals(
        codeOf(await app.post(KEYS, sent)),
        "CROSS_SITE_REQUEST",
        JSON.stringify(headers),
      );
    }
    assertEquals(await keys(), 0);
  });

  await t.step("by a form, also one that carries JSON as text", async () => {
    for (const headers of FOREIGN) {
      const form = { name: "stolen", scopes: "audit:read" };
      const plain = new URLSearchParams(form).toString();
      for (const type of ["application/x-www-form-urlencoded", "text/plain"]) {
        const typed = { ...headers, "content-type": type, cookie: `__Host-gatehouse=${cookie}` };
        const answer = await app.ask("/admin/keys", {
          method: "POST",
          headers: typed,
          body: plain,
        });
        assertEquals(codeOf(answer), "CROSS_SITE_REQUEST", JSON.stringify(headers));
      }
      const end = await app.post("/admin/logout", { cookie, headers });
      assertEquals(codeOf(end), "CROSS_SITE_REQUEST");
    }
    assertEquals([await keys(), (await app.get(ME, { cookie })).status], [0, 200]);
  });

  await t.step("nor sign a browser in as somebody else", async () => {
    for (const origin of [EVIL, "null"]) {
      const form = { email, password: PASSWORD, next: "/admin" };
      const answer = await app.post("/admin/login", { form, headers: { origin } });
      assertEquals(codeOf(answer), "CROSS_SITE_REQUEST");
      assertEquals(answer.headers.get("set-cookie"), null);
    }
  });

  await t.step("nor read an answer", async () => {
    for (const method of ["GET", "OPTIONS"]) {
      const { headers } = await app.send(method, ME, { cookie, headers: { origin: EVIL } });
      assertEquals(headers.get("access-control-allow-origin"), null);
      assertEquals(headers.get("cross-origin-resource-policy") === "cross-origin", false);
    }
  });

  await t.step("while our own pages and scripts can", async () => {
    const own: Readonly<Record<string, string>>[] = [
      { origin: ORIGIN },
      { "sec-fetch-site": "same-origin" },
      { "x-csrf-token": csrfToken, origin: EVIL },
    ];
    for (const headers of own) {
      assertEquals((await app.post(KEYS, { cookie, headers, json: draft })).status, 201);
    }
  });

  await t.step("a token in Authorization is nothing a browser sends by itself", async () => {
    const headers = { origin: EVIL, "sec-fetch-site": "cross-site" };
    assertEquals((await app.post(KEYS, { token, headers, json: draft })).status, 201);
  });

  await t.step("and none of the secrets is in the log", () => {
    const log = app.logged.join("\n");
    for (const secret of [cookie, csrfToken, token, PASSWORD]) assert(!log.includes(secret));
  });
});

Deno.test("a cookie that was changed anywhere is nobody's", async () => {
  await using app = await openIdentityApp();
  const { email } = await app.person("user");
  const other = await app.person("user", "other");
  const [{ cookie }, theirs] = [await app.console(email), await app.console(other.email)];
  const changed = (at: number) =>
    cookie.slice(0, at) + (cookie[at] === "A" ? "B" : "A") + cookie.slice(at + 1);
  // The last character holds two bits that mean nothing.
  const tampered = Array.from({ length: cookie.length - 1 }, (_, at) => changed(at));
  const session = (text: string) => text.split("_")[1];
  const crossed = cookie.replace(session(cookie), session(theirs.cookie));
  for (const text of [...tampered, crossed, cookie + "A", cookie.slice(0, -1), ""]) {
    assertEquals(codeOf(await app.get(ME, { cookie: text })), "UNAUTHENTICATED", text);
  }
  const path = { headers: { accept: "text/html" } };
  assertEquals((await app.get("/admin", { ...path, cookie: tampered[30] })).status, 303);
  assertEquals((await app.get(ME, { cookie })).status, 200);
  assert(!app.logged.join("\n").includes(cookie.slice(30)));
});

Deno.test("signing in always makes a new cookie, whatever cookie a browser brings", async () => {
  await using app = await openIdentityApp();
  const victim = await app.person("user", "victim");
  const attacker = await app.person("user", "attacker");
  const planted = (await app.console(attacker.email)).cookie;
  const invented = "ghc_00000000000000000000_" + "a".repeat(43);
  const form = { email: victim.email, password: PASSWORD, next: "/admin" };
  const me = async (cookie: string) => codeOf(await app.get(ME, { cookie }));

  for (const cookie of [planted, invented]) {
    const answer = await app.post("/admin/login", { form, cookie });
    const field = answer.headers.get("set-cookie") ?? "";
    assertMatch(
      field,
      /^__Host-gatehouse=ghc_[^;]+; Path=\/; Max-Age=604800; Secure; HttpOnly; SameSite=Strict$/,
    );
    const given = /=([^;]+)/.exec(field)![1];
    assertNotEquals(given.split("_")[1], cookie.split("_")[1]);
    assertEquals(await me(given), 200);
    assert(!app.logged.join("\n").includes(given));
  }
  assertEquals(await me(invented), "UNAUTHENTICATED");
  const still = (await app.get(ME, { cookie: planted })).json();
  assertEquals(still.id, attacker.id, "the planted sign-in stays its owner's");
});

Deno.test("the sign-in leads to pages of the console and nowhere else", async () => {
  await using app = await openIdentityApp({ env: { GATE_MODE: "monitor" } });
  const { email } = await app.person("user");
  const elsewhere = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/admin//evil",
    "/us",
  ];
  for (const next of [...elsewhere, "/admin/../us", "javascript:alert(1)", "/admin?x=1"]) {
    const answer = await app.post("/admin/login", { form: { email, password: PASSWORD, next } });
    const location = new URL(answer.headers.get("location") ?? "", ORIGIN);
    assertEquals([location.origin, location.pathname.startsWith("/admin")], [ORIGIN, true], next);
  }
});
