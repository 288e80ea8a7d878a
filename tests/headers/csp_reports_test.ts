import { assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { createCspReports, type CspReportsOptions } from "../../src/headers/csp_reports.ts";
import { createLog, silentLog } from "../../src/log.ts";
import { createTestClock } from "../_clock.ts";

const LEGACY = "application/csp-report";
const REPORTING = "application/reports+json; charset=utf-8";

const create = (options: Partial<CspReportsOptions> = {}) =>
  createCspReports({ clock: createTestClock(), log: silentLog, ...options });

const legacy = (report: Record<string, unknown> = {}) =>
  JSON.stringify({
    "csp-report": {
      "document-uri": "http://127.0.0.1:8000/us/products/17?q=secret#top",
      "violated-directive": "script-src 'self'",
      "effective-directive": "script-src-elem",
      "blocked-uri": "https://cdn.example/lib.js?user=7",
      "original-policy": "default-src 'none'",
      ...report,
    },
  });

const modern = (body: Record<string, unknown> = {}) => ({
  age: 12,
  type: "csp-violation",
  url: "https://shop.example/us/cart",
  user_agent: "Mozilla/5.0",
  body: {
    documentURL: "https://shop.example/us/cart",
    effectiveDirective: "style-src-attr",
    blockedURL: "inline",
    disposition: "enforce",
    ...body,
  },
});

Deno.test("take() counts a report of report-uri, without query, file or id", () => {
  const clock = createTestClock();
  const reports = create({ clock });
  assertEquals(reports.take(legacy(), LEGACY), 1);
  clock.turn(1_000);
  assertEquals(reports.take(legacy({ "document-uri": "http://h/us/products/99" }), LEGACY), 1);
  assertEquals(reports.list(), [{
    directive: "script-src-elem",
    blocked: "https://cdn.example",
    page: "/us/products/{id}",
    count: 2,
    firstSeenAt: clock.now() - 1_000,
    lastSeenAt: clock.now(),
  }]);
});

Deno.test("take() reads the directive of browsers that send only the violated one", () => {
  const reports = create();
  reports.take(legacy({ "effective-directive": undefined }), LEGACY);
  assertEquals(reports.list()[0].directive, "script-src");
});

Deno.test("take() counts each violation of a batch of the Reporting API", () => {
  const reports = create();
  const batch = [
    modern(),
    modern(),
    modern({ blockedURL: "eval", effectiveDirective: "script-src" }),
    { type: "deprecation", url: "https://shop.example/", body: { id: "x" } },
    { type: "coep", url: "https://shop.example/" },
  ];
  assertEquals(reports.take(JSON.stringify(batch), REPORTING), 3);
  assertEquals(
    reports.list().map(({ directive, blocked, page, count }) => [
      directive,
      blocked,
      page,
      count,
    ]),
    [["style-src-attr", "inline", "/us/cart", 2], ["script-src", "eval", "/us/cart", 1]],
  );
});

Deno.test("take() drops what a browser extension caused", () => {
  const reports = create();
  const schemes = [
    "chrome-extension",
    "moz-extension",
    "safari-extension",
    "safari-web-extension",
    "ms-browser-extension",
    "webkit-masked-url",
  ];
  for (const scheme of schemes) {
    assertEquals(reports.take(legacy({ "blocked-uri": `${scheme}://abc/x.js` }), LEGACY), 0);
    assertEquals(reports.take(legacy({ "blocked-uri": scheme }), LEGACY), 0);
    const batch = [modern({ sourceFile: `${scheme}://abc/content.js` })];
    assertEquals(reports.take(JSON.stringify(batch), REPORTING), 0);
  }
  assertEquals(reports.list(), []);
});

Deno.test("take() answers null for what is no report", () => {
  const reports = create();
  const bodies = ["", "{", "null", "7", "[]x", "{}", '{"csp-report":null}', '{"csp-report":[]}'];
  for (const body of bodies) assertEquals(reports.take(body, LEGACY), null, body);
  for (const body of ["", "{}", '"x"', "[1]", "[{}]", JSON.stringify(Array(101).fill(modern()))]) {
    assertEquals(reports.take(body, REPORTING), null, body.slice(0, 40));
  }
  assertEquals(reports.take("[]", REPORTING), 0);
});

Deno.test("take() keeps only words of a bounded set, whatever strangers write", () => {
  const reports = create();
  const hostile = {
    "document-uri": "https://h/" + "<script>alert(1)</script>".repeat(10) + "/a@b.example/../..//x",
    "effective-directive": "</pre><script>",
    "blocked-uri": "javascript:alert(document.cookie)",
  };
  assertEquals(reports.take(legacy(hostile), LEGACY), 1);
  const [kind] = reports.list();
  assertEquals([kind.directive, kind.blocked], ["other", "other"]);
  assertEquals(/[<>@]/.test(kind.page), false, kind.page);
});

Deno.test("take() never throws, and its texts stay short, for any JSON", () => {
  const reports = create();
  const value = fc.oneof(fc.string(), fc.webUrl(), fc.integer(), fc.constant(null));
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 4, maxLength: 4 }),
      ([page, directive, blocked, file]) => {
        reports.take(
          legacy({
            "document-uri": page,
            "effective-directive": directive,
            "blocked-uri": blocked,
            "source-file": file,
          }),
          LEGACY,
        );
      },
    ),
  );
  fc.assert(fc.property(fc.json(), (body) => {
    reports.take(body, LEGACY);
    reports.take(body, REPORTING);
  }));
  for (const kind of reports.list()) {
    assertLessOrEqual(kind.page.length, 6 * 25 + 3);
    assertLessOrEqual(kind.blocked.length, 130);
    assertLessOrEqual(kind.directive.length, 25);
  }
});

Deno.test("list() holds at most its bound, and keeps what goes on being reported", () => {
  const reports = create({ max: 50 });
  const honest = legacy();
  for (let index = 0; index < 2_000; index++) {
    reports.take(legacy({ "blocked-uri": `https://h${index}.example` }), LEGACY);
    if (index % 20 === 0) reports.take(honest, LEGACY);
    assertLessOrEqual(reports.list().length, 50);
  }
  assertEquals(reports.list()[0].count, 100);
});

Deno.test("list() forgets after 30 days", () => {
  const clock = createTestClock();
  const reports = create({ clock });
  reports.take(legacy(), LEGACY);
  clock.turn(30 * 86_400_000 - 1);
  assertEquals(reports.list().length, 1);
  clock.turn(1);
  assertEquals(reports.list(), []);
});

Deno.test("take() tells of every report with a name from a bounded set", () => {
  const told: string[] = [];
  const reports = create({ onReport: (directive) => told.push(directive) });
  reports.take(legacy(), LEGACY);
  reports.take(legacy({ "effective-directive": "made-up-src" }), LEGACY);
  assertEquals(told, ["script-src-elem", "other"]);
});

Deno.test("take() logs a kind once, and not without end", () => {
  const lines: string[] = [];
  const clock = createTestClock();
  const log = createLog({ level: "info", clock, write: (line) => lines.push(line) });
  const reports = create({ log, clock, max: 10 });
  reports.take(legacy(), LEGACY);
  reports.take(legacy(), LEGACY);
  assertEquals(lines.length, 1);
  for (let index = 0; index < 100; index++) {
    reports.take(legacy({ "blocked-uri": `https://h${index}.example` }), LEGACY);
  }
  assertEquals(lines.length, 10);
});
