import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigError, parseConfig, SETTINGS, settingsTable } from "../src/config.ts";
import { HOUR, MINUTE } from "../src/time.ts";

const problemsOf = (env: Record<string, string>) =>
  assertThrows(() => parseConfig(env), ConfigError).message;

Deno.test("parseConfig() gives every default when nothing is set", () => {
  const config = parseConfig({});
  assertEquals(config.PORT, 8000);
  assertEquals(config.HOST, "127.0.0.1");
  assertEquals(config.KV_PATH, "./data/gatehouse.sqlite3");
  assertEquals(config.ORIGIN_URL, undefined);
  assertEquals(config.RATE_LIMITER_CIRCUIT_BREAKER_THRESHOLD, 5);
  assertEquals(config.RATE_LIMITER_FALLBACK_LIMIT, 50);
});

Deno.test("parseConfig() takes an empty variable for an absent one", () => {
  assertEquals(parseConfig({ PORT: "", ORIGIN_URL: "" }).PORT, 8000);
});

Deno.test("parseConfig() names all wrong settings in one message", () => {
  const message = problemsOf({
    PORT: "eighty",
    ORIGIN_URL: "ftp://files.example",
    GATE_MODE: "on",
    JWT_SECRET: "short",
    LIMIT_STORE: "ip:many/1m",
    BASE_PATH: "no-slash",
    LIMIT_RULES: "POST /checkout=urgent",
  });
  const names = ["PORT", "ORIGIN_URL", "GATE_MODE", "JWT_SECRET", "LIMIT_STORE", "BASE_PATH"];
  for (const name of [...names, "LIMIT_RULES"]) assertStringIncludes(message, `${name} `);
  assertStringIncludes(message, 'got "ip:many/1m"');
});

Deno.test("parseConfig() never repeats a secret it refuses", () => {
  assert(!problemsOf({ JWT_SECRET: "hunter2-hunter2" }).includes("hunter2"));
});

Deno.test("parseConfig() counts the bytes of JWT_SECRET, not its characters", () => {
  assertEquals(parseConfig({ JWT_SECRET: "é".repeat(16) }).JWT_SECRET, "é".repeat(16));
  problemsOf({ JWT_SECRET: "e".repeat(31) });
});

Deno.test("parseConfig() refuses an origin that carries credentials or a query", () => {
  problemsOf({ ORIGIN_URL: "https://user:pass@shop.example" });
  problemsOf({ ORIGIN_URL: "https://shop.example/?a=1" });
});

Deno.test("parseConfig() reads the host that the origin is told", () => {
  const hosts = ["preserve", "origin", "app.example", "App.Example:8443", "app", "[::1]:3000"];
  for (const host of hosts) assertEquals(parseConfig({ ORIGIN_HOST: host }).ORIGIN_HOST, host);
  const wrong = ["https://app.example", "a b", "a/b", "a@b", "a:b", "a:0", "-a", "a-", "a\r\nb: c"];
  for (const host of wrong) problemsOf({ ORIGIN_HOST: host });
});

Deno.test("parseConfig() reads the hosts that are ours, and names a wrong one", () => {
  const hosts = ["shop.example", "*.shop.example", "shop.example:8443", "[::1]:8000", "127.0.0.1"];
  assertEquals(parseConfig({ PUBLIC_HOSTS: hosts.join(", ") }).PUBLIC_HOSTS, hosts);
  assertEquals(parseConfig({}).PUBLIC_HOSTS, []);
  for (
    const wrong of ["https://shop.example", "*", "a.*.b", "shop.example/", "a b", "a:0", "*.*.a"]
  ) {
    problemsOf({ PUBLIC_HOSTS: `shop.example,${wrong}` });
  }
});

Deno.test("parseConfig() reads the names of fields that are kept", () => {
  const names = ["Remote-User", "X_Real_IP"];
  assertEquals(parseConfig({ ORIGIN_FIELDS_KEEP: names.join(",") }).ORIGIN_FIELDS_KEEP, names);
  for (const wrong of ["Remote-User: admin", "a b", "a\r\nb", "x".repeat(65), "a=b", "(a)"]) {
    problemsOf({ ORIGIN_FIELDS_KEEP: wrong });
  }
});

Deno.test("parseConfig() reads limits of every tier and unit", () => {
  assertEquals(parseConfig({ LIMIT_AUTH: "ip:5/5m, account:7/h" }).LIMIT_AUTH, [
    { tier: "ip", quota: 5, windowMs: 5 * MINUTE },
    { tier: "account", quota: 7, windowMs: HOUR },
  ]);
  problemsOf({ LIMIT_AUTH: "ip:0/1m" });
  problemsOf({ LIMIT_AUTH: "ip:5/2d" });
  problemsOf({ LIMIT_AUTH: "planet:5/1m" });
});

Deno.test("parseConfig() reads rules for paths of the origin", () => {
  assertEquals(parseConfig({ LIMIT_RULES: "POST /checkout=critical,/reports/*=expensive:2" }), {
    ...parseConfig({}),
    LIMIT_RULES: [
      { method: "POST", path: "/checkout", policy: "critical", cost: 1 },
      { method: "*", path: "/reports/*", policy: "expensive", cost: 2 },
    ],
  });
});

Deno.test("parseConfig() reads the mode of each origin header", () => {
  const modes = parseConfig({ ORIGIN_HEADERS: "*=off,X-Frame-Options=enforce" }).ORIGIN_HEADERS;
  assertEquals(Object.fromEntries(modes), { "*": "off", "x-frame-options": "enforce" });
  problemsOf({ ORIGIN_HEADERS: "x-frame-options=maybe" });
});

Deno.test("every setting says what it does in one sentence", () => {
  for (const [name, { about }] of Object.entries(SETTINGS)) {
    assert(/^[A-Z`].*\.$/.test(about) && about.length <= 140, `${name}: ${about}`);
  }
});

Deno.test("README shows the table of settings that config.ts prints", async () => {
  const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
  assertStringIncludes(readme, settingsTable());
});

Deno.test("parseConfig() reads feeds with their scores, and countries", () => {
  const config = parseConfig({
    REPUTATION_FEEDS: "https://lists.example/drop.netset, https://lists.example/tor.txt=0.3",
    COUNTRY_DENY: "AA,BB",
    COUNTRY_RISK: "CC=0.3,DD=1",
  });
  assertEquals(config.REPUTATION_FEEDS.map(({ url, score }) => [url.href, score]), [
    ["https://lists.example/drop.netset", 0.7],
    ["https://lists.example/tor.txt", 0.3],
  ]);
  assertEquals([config.COUNTRY_DENY, config.COUNTRY_RISK], [["AA", "BB"], { CC: 0.3, DD: 1 }]);
});

Deno.test("parseConfig() names feeds, countries and keys that cannot be meant", () => {
  const wrong = {
    REPUTATION_FEEDS: "lists.example",
    COUNTRY_DENY: "aa",
    COUNTRY_RISK: "CC=2",
    ABUSEIPDB_KEY: "short",
    BLOCK_STRIKES: "0",
  };
  const error = assertThrows(() => parseConfig(wrong), ConfigError);
  for (const name of Object.keys(wrong)) assert(error.message.includes(name), name);
});

Deno.test("parseConfig() reads rules for threats, and names a wrong one", () => {
  const { THREAT_RULES } = parseConfig({
    THREAT_RULES: "/search/*=monitor,POST /pages/*=enforce:body_html+post.content",
  });
  assertEquals(THREAT_RULES, [
    { method: "*", path: "/search/*", mode: "monitor", exempt: [] },
    { method: "POST", path: "/pages/*", mode: "enforce", exempt: ["body_html", "post.content"] },
  ]);
  for (const wrong of ["search=monitor", "/a=maybe", "/a=off:"]) {
    assertThrows(() => parseConfig({ THREAT_RULES: wrong }), ConfigError, "THREAT_RULES");
  }
});
