/** An exemption is for the body's field of that name, and for nothing else that bears the name. */
import { assert, assertEquals } from "@std/assert";
import { exemptionsOf } from "../../src/threats/exemptions.ts";
import { engine, head, REFUSED } from "./_requests.ts";

const ATTACK = "<script>alert(document.cookie)</script>";
const encoded = encodeURIComponent(ATTACK);

interface Row {
  readonly exempt: string;
  readonly covers: readonly string[];
  readonly leaves: readonly string[];
}

const TABLE: readonly Row[] = [
  {
    exempt: "body_html",
    covers: ["json.body_html", "form.body_html", "json.body_html.en", "form.body_html (base64)"],
    leaves: [
      "query.body_html",
      "cookie.body_html",
      "header.body_html",
      "json.body_htmls",
      "json.page.body_html",
      "form.body_html (x",
      "form.body_html[0]",
      "query.form.body_html",
    ],
  },
  {
    exempt: "post.content",
    covers: ["json.post.content", "json.post.content.blocks", "form.post.content (code)"],
    leaves: ["json.post", "json.content", "json.post.contents", "query.post.content"],
  },
  { exempt: "query.q", covers: ["query.q", "query.q.b"], leaves: ["json.q", "form.q", "cookie.q"] },
  { exempt: "cookie.prefs", covers: ["cookie.prefs"], leaves: ["query.prefs", "json.prefs"] },
  { exempt: "header.x-foo", covers: ["header.x-foo"], leaves: ["json.x-foo", "header.x-foot"] },
  { exempt: "json.note", covers: ["json.note"], leaves: ["form.note", "query.note"] },
  { exempt: "url.path", covers: ["path", "path (base64)"], leaves: ["json.path", "query.path"] },
  { exempt: "path", covers: ["json.path", "form.path"], leaves: ["path", "path (base64)"] },
  { exempt: "body", covers: ["body", "json.body"], leaves: ["query.body", "json.bodies"] },
];

for (const { exempt, covers, leaves } of TABLE) {
  Deno.test(`an exemption of ${exempt} covers it and what is inside, nothing beside it`, () => {
    const exemptions = exemptionsOf([exempt]);
    for (const field of covers) assert(exemptions?.has(field), field);
    for (const field of leaves) assert(!exemptions?.has(field), field);
  });
}

Deno.test("no names are no exemptions", () => assertEquals(exemptionsOf([]), undefined));

Deno.test("a query, cookie or header with an exempt field's name is examined", () => {
  const exempt = exemptionsOf(["prefs", "x-prefs"]);
  const requests = {
    query: head(`/?prefs=${encoded}`),
    "query, base64": head(`/?prefs=${encodeURIComponent(btoa(ATTACK))}`),
    "query, JSON": head(`/?q=${encodeURIComponent(JSON.stringify({ prefs: ATTACK }))}`),
    cookie: head("/", { cookie: `prefs=${encoded}` }),
    header: head("/", { "x-prefs": ATTACK }),
    referrer: head("/", { referer: `https://a.example/?prefs=${encoded}` }),
  };
  for (const [place, request] of Object.entries(requests)) {
    assert(engine.scoreHead(request, exempt).payload > REFUSED, place);
  }
});

Deno.test("a body's field is exempt in every type of body", () => {
  const exempt = exemptionsOf(["prefs"]);
  const bodies = {
    "application/json": JSON.stringify({ prefs: ATTACK }),
    "application/x-www-form-urlencoded": `prefs=${encoded}`,
    "multipart/form-data; boundary=x":
      `--x\r\nContent-Disposition: form-data; name="prefs"\r\n\r\n${ATTACK}\r\n--x--`,
  };
  for (const [type, text] of Object.entries(bodies)) {
    const body = { bytes: new TextEncoder().encode(text), whole: true };
    const request = head("/", { "content-type": type });
    assertEquals(engine.scoreBody(request, body, undefined, exempt).findings, [], type);
    assert(engine.scoreBody(request, body).payload > REFUSED, type);
  }
});
