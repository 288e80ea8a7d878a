/** An attack in the middle of a long body is found however it is wrapped, and whatever surrounds it. */
import { assert } from "@std/assert";
import { scoreBody } from "../_requests.ts";

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";
const WORDS = "lorem ipsum dolor sit amet, consectetur adipiscing elit; it's fine. ".repeat(600);
const ATTACKS: Readonly<Record<string, string>> = {
  sql: "1' UNION SELECT name, password FROM users-- -",
  script: "<script>alert(document.cookie)</script>",
  image: "<img src=x onerror=alert(1)>",
  file: "../../../../etc/passwd",
  command: "127.0.0.1;cat /etc/passwd",
};

const json = (value: unknown) => [JSON_TYPE, JSON.stringify(value)] as const;
const form = (fields: readonly (readonly [string, string])[]) =>
  [FORM, fields.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")] as const;
const crowd = (count: number, from: number) =>
  Array.from({ length: count }, (_, at) => [`f${from + at}`, `it's <b> ${at}`] as const);

/** An attack in the middle of much else. */
const WRAPPINGS: Readonly<
  Record<string, (attack: string) => readonly [type: string, body: string]>
> = {
  "a string of JSON": (q) => json({ a: WORDS, q, b: WORDS }),
  "base64 in JSON": (q) => json({ a: WORDS, q: btoa(q), b: WORDS }),
  "one long string": (q) => json({ a: WORDS + q + WORDS }),
  "a form": (q) => form([["a", WORDS], ["q", q], ["b", WORDS]]),
  "base64 in a form": (q) => form([["a", WORDS], ["q", btoa(q)], ["b", WORDS]]),
  "thousands of odd fields": (q) => form([...crowd(7_500, 0), ["q", q], ...crowd(7_500, 9_000)]),
  "plain text": (q) => ["text/plain", `${WORDS}\n${q}\n${WORDS}`],
};

for (const [wrapping, wrap] of Object.entries(WRAPPINGS)) {
  Deno.test(`an attack in the middle is found: ${wrapping}`, () => {
    for (const [name, attack] of Object.entries(ATTACKS)) {
      const [type, body] = wrap(attack);
      const { payload, unread } = scoreBody(body, type);
      assert(payload > 0.8 || unread, `${name}: ${payload}`);
    }
    const [type, body] = wrap("Anna & Bob's note: meet at 5; bring <3 cakes");
    const { payload, unread } = scoreBody(body, type);
    assert(payload < 0.8 && !unread, `an honest note: ${payload}`);
  });
}
