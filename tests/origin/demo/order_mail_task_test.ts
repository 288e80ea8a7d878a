import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ShopOrder } from "../../../src/kv/keys.ts";
import { checkMail } from "../../../src/mail/mail.ts";
import { COUNTRIES } from "../../../src/origin/demo/countries.ts";
import { renderOrderMail } from "../../../src/origin/demo/order_mail.tsx";
import { orderMailTask } from "../../../src/origin/demo/order_mail_task.ts";

const ORDER: ShopOrder = {
  id: "M-7K3F-92QD",
  createdAt: Date.UTC(2026, 10, 21),
  country: "de",
  currency: "EUR",
  items: [
    { product_id: "a", name: "Lampe „Otto“", quantity: 2, price: 49_50 },
    { product_id: "b", name: "Becher", quantity: 1, price: 12_00 },
  ],
  subtotal: 111_00,
  delivery: 4_90,
  tax: 18_50,
  total: 115_90,
  payment_method: "invoice",
  ship_to: {
    name: "Ann <b>Ohm</b>",
    email: "ann@shop.test",
    street: "Am Deich 7",
    city: "Bremen",
    region: "",
    postcode: "28199",
  },
};

const CONTEXT = { id: "task-1", signal: new AbortController().signal };
const PAYLOAD = { owner: "o-1", order_id: ORDER.id };

Deno.test("renderOrderMail() says in the order's language what was bought and where it goes", () => {
  const mail = renderOrderMail(ORDER);
  assertEquals(mail?.subject, "Morrow · Bestellung M-7K3F-92QD");
  const text = mail?.text.replaceAll("\u00a0", " ") ?? "";
  for (
    const part of [
      "Danke, Ann",
      "2 × Lampe „Otto“  99,00 €",
      "Versand: 4,90 €",
      "Gesamt: 115,90 €",
      "Bezahlt mit: Rechnung",
      "28199, Bremen, Deutschland",
      "Vorführung",
    ]
  ) assert(text.includes(part), part);
  assert(mail?.html.startsWith('<!doctype html><html lang="de-DE">'));
  assert(mail?.html.includes("Ann &lt;b&gt;Ohm&lt;/b&gt;") && !mail.html.includes("<b>"));
});

Deno.test("renderOrderMail() makes a mail that can be sent in every country", () => {
  for (const { code, payments } of COUNTRIES) {
    const mail = renderOrderMail({
      ...ORDER,
      country: code,
      delivery: 0,
      payment_method: payments[0],
    });
    assert(mail && !mail.text.includes("{"), code);
    checkMail({ ...mail, to: ORDER.ship_to.email }, "shop@morrow.test");
  }
  assertEquals(renderOrderMail({ ...ORDER, country: "at" }), undefined);
});

Deno.test("the task reads the order and sends its mail once, under the task's id", async () => {
  const sent: { to: string; id: string }[] = [];
  const task = orderMailTask({
    retryForMs: 7,
    findOrder: (owner, id) =>
      Promise.resolve(owner === "o-1" && id === ORDER.id ? ORDER : undefined),
    send: (mail) => Promise.resolve(sent.push(mail)),
  });
  await task.run(task.schema.parse(PAYLOAD), CONTEXT);
  await task.run(task.schema.parse({ ...PAYLOAD, owner: "o-2" }), CONTEXT);
  assertEquals(sent.map(({ to, id }) => [to, id]), [["ann@shop.test", "task-1"]]);
  assert(!task.schema.safeParse({ owner: "", order_id: "x" }).success);
});

Deno.test("the task fails as the mail does", async () => {
  const task = orderMailTask({
    retryForMs: 7,
    findOrder: () => Promise.resolve(ORDER),
    send: () => Promise.reject(new Error("no way")),
  });
  await assertRejects(() => task.run(PAYLOAD, CONTEXT), Error, "no way");
});
