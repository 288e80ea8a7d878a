/**
 * Every shortcut of the engine, with a hostile twin that is dressed to take it and an honest one
 * that it is there for: no cap, cache, prefilter or discount may let an attack through.
 */
import { assert } from "@std/assert";
import { createThreatEngine, type ThreatScore } from "../../src/threats/engine.ts";
import {
  engine,
  head,
  REFUSED,
  scoreBody,
  scoreJson,
  scoreQuery,
  scoreTarget,
} from "./_requests.ts";

interface Shortcut {
  readonly hostile: readonly (() => ThreatScore)[];
  readonly honest: readonly (() => ThreatScore)[];
}

const encoded = encodeURIComponent;
const FORM = "application/x-www-form-urlencoded";
const form = (text: string) => scoreBody(text, FORM);
const field = (name: string, value: string) => scoreBody(JSON.stringify({ [name]: value }));
const header = (name: string, value: string) => scoreTarget("/", { [name]: value });
const basic = (text: string) => header("authorization", `Basic ${btoa(text)}`);
const OR = "' or 1=1--";
const UNION = "1' union select name,pass from users--";
const SQL = "x' union select password from users where ''='";
const SCRIPT = "<script>alert(1)</script>";
const IMAGE = "<img src=x onerror=alert(1)>";
const PROSE =
  "We moved the shop to a new server last night and it works as well as it did before. " +
  "If you see anything odd, write to us and tell us what you did. ";

const twice = (target: string) => {
  const engine = createThreatEngine();
  engine.scoreHead(head("/clean"));
  engine.scoreHead(head(target));
  return engine.scoreHead(head(target));
};

const SHORTCUTS: Readonly<Record<string, Shortcut>> = {
  "code in back ticks, outside a body": {
    hostile: [
      () => scoreQuery("please look at `" + UNION + "`"),
      () => scoreQuery(`${PROSE}<pre>${SCRIPT}</pre>`),
      () => scoreTarget(`/a/${encoded("see this `" + SCRIPT + "`")}`),
      () => scoreTarget("/", { cookie: `c=${encoded("look at this `" + SCRIPT + "`")}` }),
      () => header("x-note", "look at this `" + SCRIPT + "`"),
      () => scoreQuery(JSON.stringify({ a: `${PROSE}<code>${SCRIPT}</code>` })),
    ],
    honest: [() => scoreQuery("what does `npm install` do")],
  },
  "code in back ticks, in a body": {
    hostile: [
      () => scoreJson("`" + UNION + "`"),
      () => scoreJson("here you go `" + UNION + "`"),
      () => scoreJson(`<pre>${SCRIPT}</pre>`),
      () => form(`q=${encoded("three more words `" + IMAGE + "`")}`),
    ],
    honest: [
      () => scoreJson(`${PROSE}Use \`select name from users where id = 1\`, not \`${SCRIPT}\`.`),
    ],
  },
  "the lines of a log": {
    hostile: [
      () => scoreQuery(`2025-01-01 10:00:00 INFO user said ${OR}`),
      () => scoreJson(`2025-01-01 10:00:00 [error] ${UNION}`),
      () => scoreJson(`Jan 10 06:55:46 host sshd[1]: ${SCRIPT}`),
      () => scoreJson("2025-01-01 10:00:00 error: a; cat /etc/passwd"),
    ],
    honest: [
      () =>
        scoreJson(
          '2025/01/01 12:00:00 [error] 12#0: *5 open() "/usr/share/x" failed, client: 10.0.0.1',
        ),
    ],
  },
  "an editor's tags": {
    hostile: [
      () => scoreJson(`${"<p>hi</p>".repeat(9)}${SCRIPT}`),
      () => scoreQuery(`${"<b>x</b>".repeat(12)}${IMAGE}`),
      () => form(`q=${encoded("<b>x</b>".repeat(6_000) + IMAGE + "<b>x</b>".repeat(100))}`),
    ],
    honest: [() => scoreJson("<p>It's <em>all</em> about <strong>care</strong>.</p>".repeat(9))],
  },
  "findings are counted": {
    hostile: [() => scoreJson(`${"../../ ".repeat(12)} {{7*7}} ; ls -la | id ${SCRIPT} ${UNION}`)],
    honest: [() => scoreJson("a; b (c) [d] {e} <3 'f' \"g\" $5 & 50%")],
  },
  "texts known to be clean": {
    hostile: [
      () => twice(`/a/${encoded(SCRIPT)}`),
      () => twice("/.git/config"),
      () => twice("/a/..%2f..%2fetc/passwd"),
    ],
    honest: [() => twice("/us/products")],
  },
  "harmless characters": {
    hostile: [
      () => scoreQuery("1 or 2 union select 3"),
      () => scoreQuery("../../../../etc/passwd"),
      () => scoreTarget("/", { "user-agent": "sqlmap/1.8" }),
      () => scoreQuery("http://169.254.169.254/latest/meta-data"),
    ],
    honest: [() => scoreQuery("union jack at 10:30 or later")],
  },
  "plain names": {
    hostile: [
      () => scoreBody('{"__proto__":{"a":1}}'),
      () => scoreTarget(`/?${encoded(SCRIPT)}=1`),
      () => scoreBody('{"user":{"$ne":null}}'),
    ],
    honest: [() => scoreBody('{"first_name":"Ann","line-2":"x"}')],
  },
  "what a browser calls itself": {
    hostile: [
      () => scoreTarget("/", { "user-agent": `Mozilla/5.0 (X11; Linux) ${SCRIPT}` }),
      () => scoreTarget("/", { "user-agent": "Mozilla/5.0 (X11; Linux); cat /etc/passwd" }),
      () => scoreTarget("/", { "user-agent": "() { :; }; /bin/bash -c id" }),
    ],
    honest: [
      () => scoreTarget("/", { "user-agent": "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X)" }),
    ],
  },
  "only the ends of long texts": {
    hostile: [
      () => scoreJson(`${"it's fine. ".repeat(1_500)}${UNION}${" it's fine.".repeat(1_500)}`),
      () => scoreJson(`${"a, b; c ".repeat(2_500)}${SCRIPT}${"a, b; c ".repeat(2_500)}`),
      () => form(`q=${encoded("x; y ".repeat(3_000) + OR + " x; y".repeat(3_000))}`),
    ],
    honest: [() => scoreJson("It's a (long) text; nothing else. ".repeat(1_500))],
  },
  "only so many values": {
    hostile: [
      () =>
        scoreBody(
          JSON.stringify([...new Array(3_000).fill("it's"), UNION, ...new Array(99).fill("'")]),
        ),
      () => form(`${"a='x'&".repeat(2_000)}q=${encoded(SCRIPT)}`.slice(0, 65_000)),
      () => scoreBody(JSON.stringify([...new Array(3_000).fill("a;b"), btoa(SCRIPT)])),
    ],
    honest: [() => scoreBody(JSON.stringify(new Array(2_000).fill("O'Brien & Sons (Ltd.)")))],
  },
  "only so many quotes": {
    hostile: [() => scoreJson(`${"'= ".repeat(60)} ${OR}`)],
    honest: [() => scoreJson('"a", "b" and "c", '.repeat(30))],
  },
  "base64": {
    hostile: [
      () => scoreQuery(btoa(SCRIPT)),
      () => scoreQuery(btoa(btoa(SCRIPT))),
      () => scoreJson(btoa(`${"lorem ipsum ".repeat(2_500)}${SCRIPT}`)),
    ],
    honest: [() => scoreQuery(btoa("Hello, it's me; a text (short)."))],
  },
  "GraphQL": {
    hostile: [
      () => field("query", "query { a } union select name from users where (a=1) or (1=1)"),
      () => field("query", `{ user(name: "${UNION}") { id } }`),
      () => field("query", `{ a } ; ${SCRIPT}`),
      () => header("x-query", `{ a } ${SCRIPT}`),
    ],
    honest: [
      () => field("query", 'query Q($where: W!) { a(q: "desk & lamp", where: $where) { id } }'),
    ],
  },
  "secrets": {
    hostile: [
      () => field("passenger", "|cat</etc/passwd"),
      () => field("password", "x'or'1'='1"),
      () => field("token", SCRIPT),
    ],
    honest: [() => field("password", "a'--#;1|id")],
  },
  "a developer's own address": {
    hostile: [
      () => scoreTarget(`/?redirect_uri=${encoded("http://169.254.169.254/latest/meta-data/")}`),
    ],
    honest: [() => scoreTarget(`/?redirect_uri=${encoded("http://localhost:3000/callback")}`)],
  },
  "words around it": {
    hostile: [
      () => scoreJson(`${PROSE}${SCRIPT}`),
      () => scoreJson(`${PROSE}${UNION}`),
      () => scoreQuery(`please tell me about it; cat /etc/passwd`),
    ],
    honest: [() => scoreJson(`${PROSE}Is /etc/hosts where I set it?`)],
  },
  "many layers": {
    hostile: [
      () => scoreTarget(`/?q=${encoded(encoded(encoded(SCRIPT)))}`),
      () => scoreJson(JSON.stringify({ a: JSON.stringify({ b: SCRIPT }) })),
    ],
    honest: [() => scoreTarget(`/?u=${encoded("https://a.example/?q=a%20b")}`)],
  },
  "many pairs and cookies": {
    hostile: [
      () => scoreTarget(`/?${"a=1&".repeat(900)}q=${encoded(btoa(SCRIPT))}`),
      () => scoreTarget("/", { cookie: `${"a=1; ".repeat(400)}q=${btoa(SCRIPT)}` }),
    ],
    honest: [
      () => scoreTarget(`/?${"a=1&".repeat(900)}q=x`),
      () => scoreTarget("/", { cookie: `${"a=1; ".repeat(400)}q=x` }),
    ],
  },
  "repeated parameters": {
    hostile: [
      () => scoreTarget("/?id=1%20union/*&id=*/select%201,2"),
      () => scoreTarget("/?id=1%20union/*&x=1&y=2&id=*/select%201,2"),
      () => form(`${"a=it's&".repeat(1_900)}id=1%20union/*&id=*/select%201,2`),
      () => form(`${"a=it's&".repeat(4_000)}id=${encoded(UNION)}&${"a=it's&".repeat(4_000)}`),
    ],
    honest: [() => scoreTarget("/?tag=it%27s&page=1&tag=rock%20%27n%27%20roll")],
  },
  "odd pairs": {
    hostile: [() => form(`${"z=1&".repeat(1_200)}q=x'%20&&%20ascii(1)%20--%20`)],
    honest: [() => scoreTarget("/?q=AT&T")],
  },
  "deep JSON": {
    hostile: [() => scoreBody(`${'{"a":['.repeat(90)}${JSON.stringify(UNION)}${"]}".repeat(90)}`)],
    honest: [() => scoreBody(`${'{"a":['.repeat(90)}"x"${"]}".repeat(90)}`)],
  },
  "headers with a grammar": {
    hostile: [
      () => header("accept-language", "en' or 1=1--"),
      () => header("accept-language", "en-US,1 union select name,pass from users"),
      () => header("accept", "text/html' or '1'='1"),
      () => header("if-none-match", `"x' or 1=1--"`),
      () => header("if-modified-since", "1' or sleep(5)--"),
      () => header("range", UNION),
      () => header("via", "1.1 x' or 1=1--"),
      () => header("sec-ch-ua", `"${UNION}";v="1"`),
      () => header("x-request-id", UNION),
      () => header("authorization", `Bearer ${UNION}`),
      () => basic(`admin${OR}:x`),
      () => basic(`${UNION}:x`),
      () => basic(`a:${SCRIPT}`),
      () => basic(`\xff${UNION}:x`),
      () => basic(`a\xe9:${UNION}\0`),
      () => basic(`${SCRIPT}\xfc`),
    ],
    honest: [
      () => header("accept-language", "de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7"),
      () => header("if-none-match", 'W/"5f-abc", "x-gzip"'),
      () => header("sec-ch-ua", '"Chromium";v="145", "Not;A=Brand";v="24"'),
      () => header("authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_x"),
      () =>
        header(
          "authorization",
          'Digest username="Mufasa", realm="a@b.example", nonce="dcd98b", uri="/dir/"',
        ),
      () => basic("anna@example.com:7@8fh_O,#;>H,oxJyS"),
      () => basic("m\xfcller:gehe\xefm"),
      // Keys that were put there as they are, and come out as noise.
      () => header("authorization", "Basic gh_live_aEKndGHy8zRSUsJQ30G4b9MBAOC2wA5MLuyr4Z"),
      () => header("authorization", "Basic JYEAEvQyy9V3yqj57idJjR9db1SUjwBGUojiHMVZ"),
    ],
  },
  "comments and what nobody sees inside words": {
    hostile: [
      () => scoreQuery("1 un<!---->ion sel<!-- x -->ect name,pass from users"),
      () => scoreQuery("1 un/**/ion sel/**/ect name,pass from users"),
      () => scoreTarget("/?q=1%20un%00ion%20sel%00ect%20name,pass%20from%20users"),
      () => scoreQuery("1 un\u200bion sel\u00adect name,pass from users"),
      () => scoreJson("<scr<!-- -->ipt>alert(1)</scr<!-- -->ipt>"),
    ],
    honest: [() => scoreJson("int a/* first */, b; <!-- and no more -->")],
  },
};

for (const [name, { hostile, honest }] of Object.entries(SHORTCUTS)) {
  Deno.test(`no attack takes the shortcut: ${name}`, () => {
    for (const score of hostile) {
      const { payload, findings } = score();
      assert(payload > REFUSED, `${score}: ${payload} ${JSON.stringify(findings)}`);
    }
  });

  Deno.test(`honest people take the shortcut: ${name}`, () => {
    for (const score of honest) {
      const { payload, findings, unread } = score();
      assert(payload <= REFUSED && !unread, `${score}: ${payload} ${JSON.stringify(findings)}`);
    }
  });
}

Deno.test("what is beyond every bound counts as unread", () => {
  const kinds =
    ("alert( prompt( confirm( eval( atob( sleep( benchmark( updatexml( load_file( srcdoc " +
      "outfile dumpfile getruntime ognl passthru subprocess shell_exec classloader processbuilder")
      .split(" ");
  const words = "and then some words of no matter ".repeat(8);
  const many = kinds.flatMap((kind) => [1, 2, 3].map((at) => `${kind} ${at} ${words}`));
  const filled = `${"it's ".repeat(4_000)} ${many.join(" ")} ${"it's ".repeat(4_000)}`;
  assert(scoreBody(JSON.stringify({ a: filled })).unread);
  assert(scoreTarget(`/${"a".repeat(70_000)}`).unread);
  assert(engine.scoreHead(head("/", { cookie: "a=b; ".repeat(14_000) })).unread);
});

Deno.test("among a thousand beginnings of one kind the densest, the first and the last are read", () => {
  const decoys = (count: number) =>
    "select one from the shelf and take it home with you. ".repeat(count);
  const fill = "it's ".repeat(3_000);
  for (const text of [decoys(200) + SQL + decoys(200), SQL + decoys(400), decoys(400) + SQL]) {
    const { payload, unread } = scoreBody(JSON.stringify({ a: `${fill}${text}${fill}` }));
    assert(payload > REFUSED && !unread, `${payload}`);
  }
});
