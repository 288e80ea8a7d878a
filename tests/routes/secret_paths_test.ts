/** Secrets in paths of ours: a set-up link, a key put where its id belongs. Nothing keeps them. */
import { assert, assertEquals } from "@std/assert";
import { hideSecrets } from "../../src/auth/secret_paths.ts";
import { createFaultKv } from "../_fault_kv.ts";
import { keptIn } from "../_kept.ts";
import { openIdentityApp } from "./_identity_app.ts";

const TOKEN = "dG9rZW4tb2YtdGhlLXNldC11cC1saW5rLTMyYnl0ZXM";
const KEY = `gh_live_${"k3y".repeat(12)}Zz`;
const REFRESH = `ghr_${"s".repeat(20)}_${"r3f-".repeat(16)}`;
const COOKIE = `ghc_${"s".repeat(20)}_${"c00kie_".repeat(6)}x`;
const ACCESS = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJnYXRlaG91c2U6YSJ9.c2lnbmF0dXJl";

/** As it is asked for, and what of it must not be found anywhere. */
const PATHS: readonly (readonly [path: string, secret: string])[] = [
  [`/admin/setup/${TOKEN}`, TOKEN],
  [`/admin/setup/${TOKEN}/`, TOKEN],
  [`/admin/setup/${TOKEN}/more`, TOKEN],
  [`/admin/setup//${TOKEN}`, TOKEN],
  [`/admin//setup/${TOKEN}`, TOKEN],
  [`/ADMIN/Setup/${TOKEN}`, TOKEN],
  [`/admin/setup;a/${TOKEN}`, TOKEN],
  [`/admin/setup/short`, "short"],
  [`/admin%2Fsetup%2F${TOKEN}`, TOKEN],
  [`/admin%252Fsetup%252F${TOKEN}`, TOKEN],
  [`/%61dmin/%73etup/${TOKEN}`, TOKEN],
  [`/admin%5Csetup%5C${TOKEN}`, TOKEN],
  [`/_gatehouse/admin/setup/${TOKEN}`, TOKEN],
  [`/api/v1/auth/keys/${KEY}`, KEY],
  [`/api/v1/auth/sessions/${REFRESH}`, REFRESH],
  [`/admin/sign-ins/${COOKIE}/end`, COOKIE],
  [`/api/v1/auth/users/${ACCESS}`, ACCESS],
  [`/shop/${KEY}/x`, KEY],
];

Deno.test("hideSecrets() takes the secret out of a path and leaves the rest", () => {
  for (const [path, secret] of PATHS) {
    const hidden = hideSecrets(decodeURIComponent(path));
    assert(!hidden.includes(secret), hidden);
    assert(hidden.endsWith("}") || hidden.includes("}/"), hidden);
  }
  assertEquals(hideSecrets(`/admin/setup/${TOKEN}`), "/admin/setup/{token}");
  assertEquals(hideSecrets(`/api/v1/auth/keys/${KEY}`), "/api/v1/auth/keys/{secret}");
  const plain = [
    "/",
    "/admin",
    "/admin/setup",
    "/admin/setups",
    "/setup/wizard",
    "/badmin/setupx/1",
    "/api/v1/auth/users/acc_0mwpn5s0000XKBsDS8uT",
    "/files/eyJ.txt",
    "/../../etc/passwd",
  ];
  for (const path of plain) assertEquals(hideSecrets(path), path);
});

Deno.test("hideSecrets() takes its time for no path", () => {
  const hostile = ["admin/", "admin%25", "/admin/setup", "%25", "gh_live_", "ghr_", "eyJ.", "e.e."];
  for (const piece of hostile) {
    const start = performance.now();
    hideSecrets(piece.repeat(65_536 / piece.length));
    const tookMs = performance.now() - start;
    assert(tookMs < 1_000, `${piece}: ${tookMs} ms`);
  }
});

const SETTINGS: readonly Readonly<Record<string, string>>[] = [
  {},
  { GATE_MODE: "monitor" },
  { BASE_PATH: "/_gatehouse" },
];

for (const env of SETTINGS) {
  Deno.test(`no secret of a path is kept or logged, with ${JSON.stringify(env)}`, async () => {
    const raw = await createFaultKv();
    await using app = await openIdentityApp({ env, rawKv: raw });
    const { incidents, blocks } = app.services;
    const attack = "?q=%3Cscript%3Ealert(document.cookie)%3C/script%3E";
    for (const [index, [path]] of PATHS.entries()) {
      const from = `198.51.100.${index + 1}`;
      await app.get(path + attack, { from });
      await app.get(path, { from, headers: { referer: `http://gate.example${path}${attack}` } });
      await app.post(path, { from, json: { q: "' or 1=1 union select password from users--" } });
    }
    await incidents.flush();
    await blocks.stop();
    const events = (await incidents.events({ limit: 200 })).items;
    assert(events.length >= PATHS.length, `${events.length} events`);
    const found = [
      ...(await keptIn(raw)).texts,
      ...app.logged,
      JSON.stringify(await app.services.errors.report()),
      JSON.stringify(events),
    ];
    for (const text of found) {
      for (const [path, secret] of PATHS) {
        if (secret.length > 8) assert(!text.includes(secret), `${path}: ${text.slice(0, 500)}`);
      }
    }
  });
}
