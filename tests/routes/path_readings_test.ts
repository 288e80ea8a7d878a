/** Rules by path hold however the path is spelled: asked over a socket, where nothing tidies it up. */
import { assertEquals } from "@std/assert";
import { serveTestApp } from "../_app.ts";
import { sendRaw } from "../journeys/_raw.ts";

const LOGIN_SPELLINGS = [
  ["POST", "/login"],
  ["POST", "/login/"],
  ["POST", "/LOGIN"],
  ["POST", "//login"],
  ["POST", "/x/../login"],
  ["POST", "/login;x"],
  ["post", "/login"],
  ["Post", "/./Login;jsessionid=1/"],
  ["POST", "/log%69n"],
  ["POST", "/log%2569n"],
  ["POST", "/login%20"],
  ["POST", "/login%00.css"],
  ["POST", "/index.php/login"],
  ["POST", "/login.json"],
  ["POST", "/a%2f..%2flogin"],
  ["POST", "/..;/login"],
  ["POST", "http://other.example/login"],
] as const;

const head = (method: string, target: string, from: string, field = "X-Y: z") =>
  `${method} ${target} HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-For: ${from}\r\n${field}\r\n` +
  "User-Agent: Mozilla/5.0\r\nAccept: */*\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

Deno.test("a limit on POST /login holds for every spelling of it, method and path", async () => {
  await using app = await serveTestApp({
    LIMIT_RULES: "POST /login=auth",
    TRUSTED_PROXIES: "127.0.0.1",
  });
  for (const [at, [method, target]] of LOGIN_SPELLINGS.entries()) {
    const statuses: number[] = [];
    for (let count = 0; count < 6; count++) {
      const { status } = await sendRaw(app.url, head(method, target, `198.51.100.${at + 1}`));
      statuses.push(status);
    }
    assertEquals(statuses.slice(0, 5).includes(429), false, `${method} ${target}: ${statuses}`);
    assertEquals(statuses[5], 429, `${method} ${target}: ${statuses}`);
  }
});

Deno.test("a limit on GET holds for HEAD, and spellings share one count", async () => {
  await using app = await serveTestApp({
    LIMIT_RULES: "GET /reports/*/print=auth",
    TRUSTED_PROXIES: "127.0.0.1",
  });
  const targets = [
    "/reports/1/print",
    "/reports/2/PRINT/",
    "/reports//3/print",
    "/reports/4/print;x",
  ];
  const statuses: number[] = [];
  for (const method of ["HEAD", "GET"]) {
    for (const target of targets) {
      statuses.push((await sendRaw(app.url, head(method, target, "198.51.100.7"))).status);
    }
  }
  assertEquals(statuses.map((status) => status === 429), [
    false,
    false,
    false,
    false,
    false,
    true,
    true,
    true,
  ]);
});

Deno.test("a search is not counted as an asset because its path ends like one", async () => {
  await using app = await serveTestApp({
    LIMIT_STORE: "ip:3/1m",
    TRUSTED_PROXIES: "127.0.0.1",
  });
  const disguised = ["/search;x.css", "/search%00.css", "/search.php/x.css", "/search%3f.css"];
  for (const [at, target] of disguised.entries()) {
    const statuses: number[] = [];
    for (let count = 0; count < 4; count++) {
      statuses.push(
        (await sendRaw(app.url, head("GET", target, `198.51.100.${at + 50}`))).status,
      );
    }
    assertEquals(statuses[3], 429, `${target}: ${statuses}`);
  }
});

const ATTACK = "q=1%27%20union%20select%20password%20from%20users--";

Deno.test("a rule that looks away from a path is no door to others", async () => {
  await using app = await serveTestApp({
    THREAT_RULES: "/pages/*=off,/api.php=off,/free=off",
    TRUSTED_PROXIES: "127.0.0.1",
  });
  const table: [target: string, refused: boolean][] = [
    [`/pages/1?${ATTACK}`, false],
    [`/Pages/1/?${ATTACK}`, false],
    [`/free?${ATTACK}`, false],
    [`/pages/../login?${ATTACK}`, true],
    [`/pages/..;/login?${ATTACK}`, true],
    [`/pages/%2e%2e/login?${ATTACK}`, true],
    [`/pages/x%2f..%2f..%2flogin?${ATTACK}`, true],
    [`/pages/..%5clogin?${ATTACK}`, true],
    [`/pages/%252e%252e/login?${ATTACK}`, true],
    [`/free.php?${ATTACK}`, true],
    [`/free.php/free?${ATTACK}`, true],
    [`/free%3f/other?${ATTACK}`, true],
  ];
  for (const [at, [target, refused]] of table.entries()) {
    const { status } = await sendRaw(app.url, head("GET", target, `198.51.100.${at + 100}`));
    assertEquals(status === 403, refused, `${target}: ${status}`);
  }
});

Deno.test("a path that cannot be read in earnest is refused, and only watched in monitor mode", async () => {
  const odd = [
    "/a%2f..%5c..;x/%252e%252e%252f%253b\\%00b%25252f;y",
    `/${"%C3%A9".repeat(1_000)}`,
  ];
  for (const [mode, refused] of [["enforce", true], ["monitor", false], ["off", false]] as const) {
    await using app = await serveTestApp({ GATE_MODE: mode });
    for (const target of odd) {
      const { status } = await sendRaw(app.url, head("GET", target, "203.0.113.1"));
      assertEquals(status === 400, refused, `${mode} ${target.slice(0, 40)}: ${status}`);
    }
  }
});

Deno.test("other spellings of our own paths are ours, and answer 404", async () => {
  await using app = await serveTestApp();
  for (
    const target of ["//admin", "/x/../healthz", "/METRICS", "/api/v1;x/auth/me", "/%2561dmin"]
  ) {
    const { status, body } = await sendRaw(app.url, head("GET", target, "203.0.113.1"));
    assertEquals(status, 404, target);
    assertEquals(new TextDecoder().decode(body).includes('"NOT_FOUND"'), true, target);
  }
});

Deno.test("a rule for DELETE holds for a POST that a framework takes for one", async () => {
  await using app = await serveTestApp({
    LIMIT_RULES: "DELETE /items/*=auth",
    THREAT_RULES: "POST /items/*=off",
    TRUSTED_PROXIES: "127.0.0.1",
  });
  const fields = [
    "X-HTTP-Method-Override: DELETE",
    "x-http-method: delete",
    "X-Method-Override: PATCH, DELETE",
    "X-HTTP-Method-Override: PUT\r\nX-HTTP-Method-Override: DELETE",
  ];
  for (const [at, field] of fields.entries()) {
    const from = `198.51.100.${at + 150}`;
    const attack = await sendRaw(app.url, head("POST", `/items/1?${ATTACK}`, from, field));
    assertEquals(attack.status, 403, field);
    let status = 0;
    for (let count = 0; count < 6; count++) {
      ({ status } = await sendRaw(app.url, head("POST", "/items/1", from, field)));
    }
    assertEquals(status, 429, field);
  }
  for (let count = 0; count < 10; count++) {
    const { status } = await sendRaw(app.url, head("POST", "/items/1", "198.51.100.199"));
    assertEquals(status === 429, false);
  }
});
