/** An order of the demo shop is confirmed by mail, whatever happens on the way. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createTestApp, type TestApp } from "../_app.ts";
import { US_CHECKOUT } from "../origin/demo/_shop.ts";
import { startSmtp } from "../mail/_servers.ts";
import { SECOND } from "../../src/time.ts";

const ORDER = { ...US_CHECKOUT, items: [{ product_id: "mara-mug", quantity: 1 }] };
const TOKEN = "ada-token-1";

async function order(app: TestApp, email = "ada@shop.test"): Promise<string> {
  const answer = await app.ask("/us/orders", {
    method: "POST",
    token: TOKEN,
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ ...ORDER, email }),
  });
  assertEquals(answer.status, 201, answer.text);
  return String(answer.json().id);
}

/** Real time: the mail server is real, and so are the task's own timers. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !await isSo(); waited += 20) {
    assert(waited < 5_000, "it never came to be");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("an order is confirmed by mail, once, in the order's words", async () => {
  await using smtp = await startSmtp();
  const env = { SMTP_URL: smtp.url(), MAIL_FROM: "shop@morrow.test" };
  await using app = await createTestApp({ env });
  app.services.tasks.start();
  const id = await order(app);
  await until(() => smtp.messages.length > 0);
  assertEquals(smtp.messages.length, 1);
  assertStringIncludes(smtp.messages[0], id);
  assertStringIncludes(smtp.messages[0], "ada@shop.test");
});

Deno.test("a refused login is an error in the log, and the mail leaves once it is mended", async () => {
  await using smtp = await startSmtp();
  smtp.changePassword("another");
  const env = { SMTP_URL: smtp.url(), MAIL_FROM: "shop@morrow.test" };
  await using app = await createTestApp({ env });
  const { tasks } = app.services;
  tasks.start();
  await order(app);
  const errors = () =>
    app.logged.map((line) => JSON.parse(line)).filter(({ level }) => level === "error");
  await until(() => errors().length > 0);
  assertEquals([errors()[0].code, (await tasks.counts()).dead], ["PROVIDER_LOGIN_REFUSED", 0]);
  smtp.changePassword("right");
  await until(() => {
    app.clock.turn(SECOND);
    tasks.ring();
    return smtp.messages.length > 0;
  });
  assertEquals([smtp.messages.length, (await tasks.counts()).dead], [1, 0]);
});

Deno.test("a mail that nobody takes ends among the dead letters, and goes out when retried", async () => {
  await using smtp = await startSmtp();
  const env = { SMTP_URL: smtp.url(), MAIL_FROM: "shop@morrow.test" };
  await using app = await createTestApp({ env });
  const { tasks } = app.services;
  tasks.start();
  await order(app, "550@shop.test");
  await until(async () => (await tasks.deadLetters.list()).items.length > 0);
  const [dead] = (await tasks.deadLetters.list()).items;
  assertEquals([dead.name, dead.status], ["shop.order_mail", "dead"]);
  const detail = await tasks.deadLetters.show(dead.id);
  assert(!JSON.stringify(detail).includes("550@shop.test"), "a dead letter holds no address");
  app.clock.turn(SECOND);
  const again = await tasks.deadLetters.retry(dead.id, { force: true }, {
    id: "t",
    requestId: "t",
  });
  assertEquals(again.status, "retrying");
});
