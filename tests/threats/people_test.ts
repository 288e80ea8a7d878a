/** What honest people send, and must be able to send. */
import { assert } from "@std/assert";
import { readPath } from "../../src/paths/request_path.ts";
import type { ThreatScore } from "../../src/threats/engine.ts";
import { createThreatRules } from "../../src/threats/path_rules.ts";
import {
  GITHUB_WEBHOOK,
  GRAPHQL,
  LOGS,
  MARKDOWN,
  PEOPLE,
  SEARCHES,
  WYSIWYG,
} from "./_honest_texts.ts";
import {
  engine,
  head,
  REFUSED,
  scoreBody,
  scoreJson,
  scoreQuery,
  scoreTarget,
} from "./_requests.ts";

function passes(score: ThreatScore, what: string): void {
  assert(score.payload <= REFUSED, `${what}: ${JSON.stringify(score.findings)}`);
}

for (const line of LOGS) {
  Deno.test(`a log line passes: ${line.slice(0, 40)}`, () => {
    passes(scoreJson(line), line);
    passes(scoreBody(line, "text/plain"), line);
  });
}

for (const search of SEARCHES) {
  Deno.test(`a search for ${search} passes`, () => passes(scoreQuery(search), search));
}

for (const [name, line, city, note] of PEOPLE) {
  Deno.test(`an order to ${city} passes`, () => {
    const order = { name, email: "a.b+shop@example.com", address: { line, city }, note };
    passes(scoreBody(JSON.stringify(order)), "JSON");
    const form = new URLSearchParams({ name, line, city, note }).toString();
    passes(scoreBody(form, "application/x-www-form-urlencoded"), "form");
    passes(scoreTarget(`/search?${form}`), "query");
  });
}

Deno.test("markdown with code in four languages passes", () => {
  passes(scoreJson(MARKDOWN), "JSON");
  const form = `text=${encodeURIComponent(MARKDOWN)}`;
  passes(scoreBody(form, "application/x-www-form-urlencoded"), "form");
});

Deno.test("a GraphQL query passes", () => passes(scoreBody(GRAPHQL), "GraphQL"));

Deno.test("a GitHub webhook passes", () => passes(scoreBody(GITHUB_WEBHOOK), "webhook"));

Deno.test("what a rich-text editor sends passes, and anything does on an exempted field", () => {
  passes(scoreJson(WYSIWYG), "editor");
  const { exempt } = createThreatRules(
    [{ method: "POST", path: "/pages/*", mode: "enforce", exempt: ["body_html"] }],
    "enforce",
  ).match(["POST"], readPath("/pages/7")!);
  const embed = { body_html: `${WYSIWYG}<script src="https://widgets.example/x.js"></script>` };
  const request = head("/pages/7", { "content-type": "application/json" });
  const send = (page: object) => ({
    bytes: new TextEncoder().encode(JSON.stringify(page)),
    whole: true,
  });
  passes(engine.scoreBody(request, send(embed), undefined, exempt), "exempted");
  const other = engine.scoreBody(
    request,
    send({ ...embed, title: "<script>alert(1)</script>" }),
    undefined,
    exempt,
  );
  assert(other.payload > REFUSED);
});

Deno.test("a browser's cookies and headers pass", () => {
  passes(
    scoreTarget(
      "/us/products/42?utm_source=mail&gclid=ZplbRm9DUU1HLHui--QubYchaYckMn8gjr6EN9jw_wcB",
      {
        cookie:
          "CookieConsent={stamp:%27bUV0VXU0d%3D%27%2Cnecessary:true%2Cver:1}; _ga=GA1.1.561242.136; " +
          "prefs=%7B%22cur%22%3A%22USD%22%2C%22recent%22%3A%5B205%2C490%5D%7D; __cf_bm=x9Vi.is-1763000000-1.0.1.1-6UZ5h0",
        referer: "https://www.google.com/search?q=o%27brien+or+1%3D1+t-shirt",
        "sec-ch-ua": '"Chromium";v="145", "Not;A=Brand";v="24"',
        "if-none-match": 'W/"5f-abc"',
      },
    ),
    "browser",
  );
});

Deno.test("generated passwords pass", () => {
  for (
    const password of [
      "x5Qt/]l~0ka+UK",
      "7@8fh_O,#;>H,oxJyS",
      "z0I~SWK:pBih4}J8\"*'",
      "(=NQf~'3H7-YI3[M",
      'bN1>b"Uio`/',
      "a'--#;1|id",
    ]
  ) {
    passes(scoreBody(JSON.stringify({ email: "a@b.example", password })), password);
  }
});
