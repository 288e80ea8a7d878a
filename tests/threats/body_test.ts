import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readJson } from "../../src/threats/body/json.ts";
import { declaredKind, sniffedKind } from "../../src/threats/body/kind.ts";
import { CLOSELY_MAX } from "../../src/threats/body/allowance.ts";
import { xmlTexts } from "../../src/threats/body/xml.ts";
import { engine, head, REFUSED, scoreBody } from "./_requests.ts";

function leaves(text: string): { clean: boolean; keys: string[]; texts: string[] } {
  const keys: string[] = [];
  const texts: string[] = [];
  const clean = readJson(text, "json", {
    key: (_name, path) => keys.push(path),
    text: (value, _name, path) => texts.push(`${path}=${value}`),
  });
  return { clean, keys, texts };
}

Deno.test("readJson() finds keys and strings with their paths", () => {
  assertEquals(leaves('{"a": {"b": ["x", 1, null, {"c": "y"}]}, "d": "z\\u0041\\n"}'), {
    clean: true,
    keys: ["json.a", "json.a.b", "json.a.b.c", "json.d"],
    texts: ["json.a.b=x", "json.a.b.c=y", "json.d=zA\n"],
  });
});

Deno.test("readJson() reads on where JSON.parse() gives up", () => {
  assertEquals(leaves('{"a":"1","a":"2"}').texts, ["json.a=1", "json.a=2"]);
  assertEquals(leaves('{"a":"cut').texts, ["json.a=cut"]);
  assertEquals(leaves('{"a":<b>,"c":"d"}'), {
    clean: false,
    keys: ["json.a", "json.c"],
    texts: ["json.c=d"],
  });
  assert(leaves("[".repeat(100_000)).clean);
});

Deno.test("readJson() finds every string of any JSON", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const expected: string[] = [];
    JSON.stringify(value, (_key, inner) => {
      if (typeof inner === "string") expected.push(inner);
      return inner;
    });
    const { clean, texts } = leaves(JSON.stringify(value));
    assert(clean);
    assertEquals(texts.map((text) => text.slice(text.indexOf("=") + 1)).length, expected.length);
  }));
});

Deno.test("xmlTexts() finds texts, attributes and CDATA, and is not fooled by quotes or cuts", () => {
  assertEquals(xmlTexts("<a x=\"1>2\" y='3'>t<b/><![CDATA[<c>]]>u</a>"), [
    "1>2",
    "3",
    "t",
    "<c>",
    "u",
  ]);
  assertEquals(xmlTexts("<a <b>t"), ["t"]);
  assertEquals(xmlTexts('<a x="cut'), ["cut"]);
  assertEquals(xmlTexts("<a>x</a>".repeat(5_000)).length, 5_000);
});

Deno.test("declaredKind() and sniffedKind() name the kind of a body", () => {
  const declared: Record<string, string | undefined> = {
    "": undefined,
    "application/json": "json",
    "application/x-ndjson": "json",
    "application/csp-report": "json",
    "application/problem+json": "json",
    "application/x-www-form-urlencoded": "form",
    "multipart/form-data": "multipart",
    "application/soap+xml": "xml",
    "image/svg+xml": "xml",
    "image/png": "binary",
    "application/octet-stream": "binary",
    "text/plain": "text",
  };
  for (const [type, kind] of Object.entries(declared)) assertEquals(declaredKind(type), kind, type);
  const looks: Record<string, string> = {
    '{"a":1}': "json",
    " [1]": "json",
    "<?xml version='1.0'?>": "xml",
    "a=1&b=2": "form",
    "a[b]=1": "form",
    "--x1y2\r\nContent-Disposition: form-data": "multipart",
    "hello there": "text",
  };
  for (const [text, kind] of Object.entries(looks)) assertEquals(sniffedKind(text), kind, text);
});

Deno.test("a body of another type than declared is marked, and read as both", () => {
  const { payload, findings } = scoreBody('{"q":"hello"}', "application/x-www-form-urlencoded");
  assertEquals(findings.map(({ signal }) => signal), ["body/type_mismatch"]);
  assert(payload < REFUSED);
});

Deno.test("a body that nobody could read whole is marked, not refused", () => {
  const { payload, findings } = engine.scoreBody(head("/", { "content-type": "text/plain" }), {
    bytes: new TextEncoder().encode("lorem ipsum ".repeat(4_000)),
    whole: false,
  });
  assertEquals(findings.map(({ signal }) => signal), ["body/truncated"]);
  assert(payload <= 0.3);
});

Deno.test("an empty body and a picture say nothing", () => {
  assertEquals(scoreBody("", "application/json").payload, 0);
  assertEquals(
    scoreBody(crypto.getRandomValues(new Uint8Array(2_000)), "image/png").payload < REFUSED,
    true,
  );
});

Deno.test("no body of 64 KiB makes more than twelve findings", () => {
  const body = "q=<script>alert(1)</script>' or 1=1--&".repeat(2_000).slice(0, CLOSELY_MAX);
  const { findings, payload } = scoreBody(body, "application/x-www-form-urlencoded");
  assertEquals(findings.length, 12);
  assert(payload <= 1);
});

const SQL = "1' UNION SELECT name, password FROM users--";
const ENTITY = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>';
const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";
const XML_TYPE = "application/xml";
const fields = (count: number, toField: (at: number) => string, between: string) =>
  Array.from({ length: count }, (_, at) => toField(at)).join(between);

/** Behind so much that somebody might stop reading before. */
const BEHIND: Readonly<Record<string, readonly [type: string, body: string]>> = {
  "300 KB of JSON, before 300 more": [
    JSON_TYPE,
    `{${fields(9_000, (at) => `"a${at}":"Earl Grey tea, 250 g"`, ",")},"q":${JSON.stringify(SQL)},${
      fields(9_000, (at) => `"b${at}":"Earl Grey tea, 250 g"`, ",")
    }}`,
  ],
  "300 KB of one JSON string, before 300 more": [
    JSON_TYPE,
    JSON.stringify({ a: `${"lorem ipsum ".repeat(25_000)}${SQL}${" dolor sit".repeat(30_000)}` }),
  ],
  "300 KB of a form, before 300 more": [
    FORM_TYPE,
    `${fields(15_000, (at) => `a${at}=tea+with+milk`, "&")}&q=${encodeURIComponent(SQL)}&${
      fields(15_000, (at) => `b${at}=tea+with+milk`, "&")
    }`,
  ],
  "300 KB of text, before 300 more": [
    "text/plain",
    `${"lorem ipsum ".repeat(25_000)}<script>alert(document.cookie)</script>${
      " dolor sit".repeat(30_000)
    }`,
  ],
  "5,000 texts of XML": [XML_TYPE, `<a>${"<b>x</b>".repeat(5_000)}<q>${SQL}</q></a>`],
  "300 KB of XML, before 300 more": [
    XML_TYPE,
    `<a>${"<b>tea</b>".repeat(30_000)}<q>${SQL}</q>${"<b>tea</b>".repeat(30_000)}</a>`,
  ],
  "5 KB of comment": [XML_TYPE, `<!--${"x".repeat(5_000)}-->${ENTITY}<a>&b;</a>`],
  "60 KB of comment": [XML_TYPE, `<!--${"x ".repeat(30_000)}-->${ENTITY}<a>&b;</a>`],
  "300 KB of comment, before 300 KB of text": [
    XML_TYPE,
    `<!--${"x ".repeat(150_000)}-->${ENTITY}<a>&b;${"tea ".repeat(75_000)}</a>`,
  ],
  "a comment, declared as text": [
    "text/plain",
    `<!--${"x".repeat(5_000)}-->${ENTITY}<a>&b;</a>`,
  ],
  "1,000 pairs of a form": [FORM_TYPE, `${"a=1&".repeat(1_000)}q=${encodeURIComponent(SQL)}`],
  "500 blanks": ["text/plain", `${" ".repeat(500)}{"q":${JSON.stringify(SQL)}}`],
};

for (const [what, [type, body]] of Object.entries(BEHIND)) {
  Deno.test(`a payload is found behind ${what}`, () => {
    assert(scoreBody(body, type).payload > REFUSED);
  });
}

const BINARY = ["image/png", "application/octet-stream", "video/mp4", "application/zip"];
const DISGUISED: Readonly<Record<string, string>> = {
  "a form": `a=1&q=${encodeURIComponent(SQL)}`,
  "a form with lines": `a=1&q=${SQL}\nx`,
  "a form of one field": `q=${SQL}`,
  "JSON": JSON.stringify({ q: SQL }),
  "XML": `<a><q>${SQL}</q></a>`,
  "XML with an entity": `${ENTITY}<a/>`,
  "multipart": `--cut\r\nContent-Disposition: form-data; name="q"\r\n\r\n${SQL}\r\n--cut--`,
  "multipart of another head first":
    `--cut\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name="q"\r\n\r\n${SQL}`,
};

for (const [what, body] of Object.entries(DISGUISED)) {
  Deno.test(`what is declared binary is read when it is ${what}`, () => {
    for (const type of BINARY) assert(scoreBody(body, type).payload > REFUSED, type);
  });
}

Deno.test("files of text that people upload as binary pass", () => {
  const files = [
    "PATH=/usr/bin:$PATH\nHOME=/root\nif [ -f x ]; then cat /etc/passwd; fi\n",
    'name,price\ntea,2\n"O\'Brien",3\n',
    "[mysqld]\ndatadir=/var/lib/mysql\nsocket=/tmp/mysql.sock\n",
    "-- dump\nSELECT * FROM users WHERE id=1 OR 1=1;\nDROP TABLE x;\n",
  ];
  for (const file of files) {
    const { payload, unread } = scoreBody(file, "application/octet-stream");
    assert(!unread && payload < 0.5, file);
  }
});

Deno.test("long honest bodies are not refused for their length", () => {
  const order = { name: "Siobhán O'Brien", note: "It's for her & we'd like two", sum: 12.5 };
  const bodies: Record<string, string> = {
    [JSON_TYPE]: JSON.stringify(Array(5_000).fill(order)),
    [FORM_TYPE]: `${String(new URLSearchParams({ ...order, sum: "12.5" }))}&`.repeat(4_000),
    [XML_TYPE]: `<a>${"<b c='1'>It is for her</b>".repeat(10_000)}</a>`,
    "text/plain": "It's for her; we'd like two of these & a receipt.\n".repeat(6_000),
  };
  for (const [type, body] of Object.entries(bodies)) {
    const { payload, unread } = scoreBody(body, type);
    assert(!unread && payload < 0.5, `${type} ${payload}`);
  }
});

Deno.test("Content-Type is one media type, or the body is unsupported", () => {
  const types: Record<string, boolean> = {
    "text/plain, application/json": true,
    "text/plain; charset=utf-8, text/plain": true,
    'application/json; note="a, b/c"': false,
    "application/json;": false,
  };
  for (const [type, unsupported] of Object.entries(types)) {
    assertEquals(scoreBody('{"a":1}', type).unsupported, unsupported, type);
  }
});

Deno.test("the declared type is the type, not a word in a parameter", () => {
  const { findings } = scoreBody("hello there", "text/plain; note=json");
  assertEquals(findings, []);
});
