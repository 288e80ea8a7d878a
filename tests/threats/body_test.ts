import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readJson } from "../../src/threats/body/json.ts";
import { declaredKind, sniffedKind } from "../../src/threats/body/kind.ts";
import { boundaryOf, readMultipart } from "../../src/threats/body/multipart.ts";
import { BODY_LIMIT_BYTES } from "../../src/threats/body/read.ts";
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

Deno.test("readMultipart() reads names, file names and texts, quoted or not", () => {
  const body = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n' +
    '--b\r\nContent-Disposition: form-data; name=f; filename="x;y.php"\r\nContent-Type: text/plain\r\n\r\ntwo\r\n--b--\r\n';
  const parts = readMultipart(body, "b");
  assertEquals(parts.map(({ name, filename, text }) => [name, filename, text]), [
    ["a", undefined, "one"],
    ["f", "x;y.php", "two"],
  ]);
  assertEquals(readMultipart(body, "other"), []);
  assertEquals(readMultipart(body, undefined), []);
});

Deno.test("readMultipart() reads no more than 200 parts", () => {
  assertEquals(readMultipart("--b\r\n\r\nx\r\n".repeat(500), "b").length, 200);
});

Deno.test("boundaryOf() believes the header, then the body", () => {
  assertEquals(boundaryOf('multipart/form-data; boundary="a b"', ""), "a b");
  assertEquals(boundaryOf("multipart/form-data; boundary=x-y; charset=utf-8", ""), "x-y");
  assertEquals(boundaryOf("multipart/form-data", "--z\r\nContent-"), "z");
  assertEquals(boundaryOf("", "no boundary"), undefined);
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
  assertEquals(xmlTexts("<a>x</a>".repeat(5_000)).length, 2_000);
});

Deno.test("declaredKind() and sniffedKind() name the kind of a body", () => {
  const declared: Record<string, string | undefined> = {
    "": undefined,
    "application/json; charset=utf-8": "json",
    "application/problem+json": "json",
    "application/x-www-form-urlencoded": "form",
    "multipart/form-data; boundary=x": "multipart",
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
    head: new TextEncoder().encode("lorem ipsum ".repeat(4_000)),
    tail: new TextEncoder().encode("dolor sit amet ".repeat(1_000)),
    truncated: true,
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
  const body = "q=<script>alert(1)</script>' or 1=1--&".repeat(2_000).slice(0, BODY_LIMIT_BYTES);
  const { findings, payload } = scoreBody(body, "application/x-www-form-urlencoded");
  assertEquals(findings.length, 12);
  assert(payload <= 1);
});
