import { assert, assertEquals } from "@std/assert";
import { engine, head } from "./_requests.ts";
import { excerptOf, shownField } from "../../src/threats/excerpt.ts";

const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";
/** A generated password that looks like an attack; `k7planted` must not be seen anywhere. */
const PASSWORD = "K7planted'||'x'='x'--9q";
const ENCODED = encodeURIComponent(PASSWORD);

interface Exchange {
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly body?: string;
}

function findingsOf({ target = "/x", headers = {}, type = "", body }: Exchange) {
  const sent = head(target, type ? { ...headers, "content-type": type } : headers);
  const score = engine.scoreHead(sent);
  if (body === undefined) return score.findings;
  const sentBody = { bytes: new TextEncoder().encode(body), whole: true };
  return engine.scoreBody(sent, sentBody, score).findings;
}

const NAMES = [
  "password",
  "user[password]",
  "newPassword",
  "password_confirmation",
  "user.credentials.pwd",
  "wp_pass",
  "cardPin",
  "api-key",
  "X-API-KEY",
  "clientSecret",
  "otp",
  "cvv2",
  "card_number",
  "accessToken",
  "passwort",
  "Kennwort",
  "contraseña",
  "contrase%C3%B1a",
  "mot_de_passe",
  "motDePasse",
  "senha",
  "wachtwoord",
  "hasło",
  "пароль",
  "密码",
  "p%61ssword",
];

const NOT_SECRET = [
  "q",
  "comment",
  "passenger",
  "compass",
  "spinner",
  "shipping",
  "author",
  "discard",
];

Deno.test("a field that holds a secret has no excerpt, whatever it is called", () => {
  for (const name of NAMES) {
    for (const field of [`form.${name}`, `query.${name}`, `json.a.${name}`, `json.${name}.value`]) {
      assertEquals(excerptOf("1' or 'x'='x'--", 3, 8, field), "", field);
    }
  }
  for (const name of NOT_SECRET) {
    assert(excerptOf("1' or 'x'='x'--", 3, 8, `form.${name}`) !== "", name);
  }
});

/** Where the password is, with an attack in it or beside it. */
const EXCHANGES: readonly (readonly [string, Exchange])[] = [
  ["JSON", { type: JSON_TYPE, body: JSON.stringify({ email: "a@b.example", password: PASSWORD }) }],
  ["nested JSON", {
    type: JSON_TYPE,
    body: JSON.stringify({ user: { login: [{ pwd: PASSWORD }] } }),
  }],
  ["JSON that is cut", { type: JSON_TYPE, body: `x {"password":"${PASSWORD}` }],
  ["JSON read as text", { type: "text/plain", body: `note {"password":"${PASSWORD}"} <script>x` }],
  ["JSON as a form", { type: FORM_TYPE, body: `{"password":"${PASSWORD}"}` }],
  ["JSON in a field", {
    type: FORM_TYPE,
    body: `data=${encodeURIComponent(`x{"pin":"${PASSWORD}"}`)}`,
  }],
  ["escaped JSON in JSON", {
    type: JSON_TYPE,
    body: JSON.stringify({
      raw: `x ${JSON.stringify({ password: PASSWORD })} <script>alert(1)</script>`,
    }),
  }],
  ["a form", { type: FORM_TYPE, body: `email=a&password=${ENCODED}` }],
  ["brackets", { type: FORM_TYPE, body: `user%5Bpassword%5D=${ENCODED}` }],
  ["a form read as text", {
    type: "text/plain",
    body: `password=${PASSWORD}&x=<script>alert(1)</script>`,
  }],
  ["prose", { type: "text/plain", body: `My password: ${PASSWORD} and <script>alert(1)</script>` }],
  ["a long secret before the match", {
    type: "text/plain",
    body: `password=${"K7planted".repeat(20)}<script>alert(1)</script>`,
  }],
  ["multipart", {
    type: "multipart/form-data; boundary=b",
    body: `--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n${PASSWORD}\r\n--b--\r\n`,
  }],
  ["XML", { type: "text/xml", body: `<a><password>${PASSWORD}</password><b>1' or '1'='1</b></a>` }],
  ["a query", { target: `/x?password=${ENCODED}` }],
  ["a repeated parameter", { target: `/x?token=K7planted'+or+1=1&token=K7planted'--` }],
  ["a link in a query", { target: `/x?next=${encodeURIComponent(`/y?token=${PASSWORD}`)}` }],
  ["a query in a Referer", { headers: { referer: `https://shop.test/x?password=${ENCODED}` } }],
  ["a cookie", { headers: { cookie: `connect.sid=${ENCODED}; remember=${ENCODED}` } }],
  ["Authorization", { headers: { authorization: "Bearer ${jndi:ldap://k7planted/a}" } }],
  ["a key of ours", { headers: { "x-api-key": PASSWORD, "x-auth": PASSWORD } }],
  ["a pair of name and value", {
    type: JSON_TYPE,
    body: JSON.stringify([{ name: "password", value: PASSWORD }]),
  }],
  ["GraphQL", {
    type: JSON_TYPE,
    body: JSON.stringify({ query: `mutation { login(password: "${PASSWORD}") { id } }` }),
  }],
];

Deno.test("nothing of a password is in what is shown of a finding", () => {
  let found = 0;
  for (const [name, exchange] of EXCHANGES) {
    const findings = findingsOf(exchange);
    const shown = findings.map(({ field, excerpt }) => `${shownField(field)}: ${excerpt}`);
    if (findings.some(({ confidence }) => confidence >= 0.3)) found++;

    assert(!/k7planted|9q/i.test(shown.join("\n")), `${name}: ${shown.join(" | ")}`);
    assert(shown.every((line) => line.length <= 170), name);
  }
  assertEquals(found, EXCHANGES.length, "each is found");
});

Deno.test("shownField() is short, printable, and shows nobody's address or token", () => {
  const shown = shownField(`json.users.ann@example.org.\u0000\u202e<b>\n${"x".repeat(500)}`);
  assert(shown.length <= 100 && !/[\p{C}\n]/u.test(shown), shown);
  assert(!shown.includes("ann"), shown);
  assertEquals(shownField("query.q"), "query.q");
  assertEquals(shownField("json.post.content (base64)"), "json.post.content (base64)");
  assertEquals(shownField(`form.{"password":"hunter2'`), `form.{"password":<secret>`);
});
