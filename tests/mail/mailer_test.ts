import { assert, assertEquals, assertRejects } from "@std/assert";
import { categorize } from "../../src/errors/categorize.ts";
import type { Mailer } from "../../src/mail/mailer.ts";
import { freePort, mailer, startApi, startSilent, startSmtp } from "./_servers.ts";

const MAIL = { to: "ok@here.test", subject: "Your order", text: "Thank you", html: "<p>Thank you" };

/** Code, whether to try again, and after how many milliseconds at least. */
async function failureOf(sender: Mailer, to: string) {
  try {
    await sender.send({ ...MAIL, to });
  } catch (error) {
    const { code, retryable, retryAfterMs } = categorize(error);
    return [code, retryable, ...(retryAfterMs === undefined ? [] : [retryAfterMs])];
  }
  return "sent";
}

Deno.test("send() says plainly when no way to send mail is configured", async () => {
  const sender = mailer({});
  assertEquals(sender.transport, "none");
  assertEquals(await sender.send(MAIL), { outcome: "not_configured" });
});

Deno.test("send() hands the mail to an API of Resend's shape, with an idempotency key", async () => {
  await using api = startApi();
  const sender = mailer(api.env);
  assertEquals(sender.transport, "api");
  assertEquals(await sender.send({ ...MAIL, id: "task-1" }), { outcome: "sent", id: "m-1" });
  const [{ headers, body }] = api.received;
  const { to, ...rest } = MAIL;
  assertEquals(body, { from: "Shop <shop@morrow.test>", to: [to], ...rest });
  assertEquals(headers.get("authorization"), "Bearer key-1");
  assertEquals(headers.get("idempotency-key"), "task-1");
});

Deno.test("send() hands the mail to an API of Postmark's shape", async () => {
  await using api = startApi();
  const sender = mailer({ ...api.env, MAIL_API_STYLE: "postmark" });
  const sent = await sender.send({ ...MAIL, to: ["ok@here.test", "bob@here.test"] });
  assertEquals(sent, { outcome: "sent", id: "m-2" });
  const [{ headers, body }] = api.received;
  assertEquals(body.To, "ok@here.test, bob@here.test");
  assertEquals([body.Subject, body.TextBody, body.HtmlBody], [MAIL.subject, MAIL.text, MAIL.html]);
  assertEquals(headers.get("x-postmark-server-token"), "key-1");
});

/** What an API may answer, and what becomes of the mail. */
const API_STATUSES: readonly (readonly [status: number, code: string, retryable: boolean])[] = [
  [400, "PROVIDER_REFUSED", false],
  // What is wrong is the key or the account: the operator mends it, and the mail leaves.
  [401, "PROVIDER_LOGIN_REFUSED", true],
  [402, "PROVIDER_LOGIN_REFUSED", true],
  [403, "PROVIDER_LOGIN_REFUSED", true],
  [404, "PROVIDER_REFUSED", false],
  [408, "TIMED_OUT", true],
  [409, "PROVIDER_FAILED", true],
  [413, "PROVIDER_REFUSED", false],
  [422, "PROVIDER_REFUSED", false],
  [423, "PROVIDER_FAILED", true],
  [425, "PROVIDER_FAILED", true],
  [429, "TOO_MANY_REQUESTS", true],
  [500, "PROVIDER_FAILED", true],
  [502, "PROVIDER_FAILED", true],
  [503, "PROVIDER_FAILED", true],
  [504, "TIMED_OUT", true],
  [529, "PROVIDER_FAILED", true],
];

Deno.test("send() fails so that one knows whether to try the API again", async () => {
  await using api = startApi();
  const sender = mailer(api.env);
  for (const [status, code, retryable] of API_STATUSES) {
    const failure = await failureOf(sender, `${status}@here.test`);
    assertEquals(failure, [code, retryable, 7_000], String(status));
  }
  assertEquals(await failureOf(sender, "slow@here.test"), ["TIMED_OUT", true]);
  const down = mailer({ MAIL_API_URL: `http://127.0.0.1:${freePort()}/`, MAIL_API_KEY: "k" });
  assertEquals(await failureOf(down, "ok@here.test"), ["CONNECTION_REFUSED", true]);
});

Deno.test("send() believes the status of an answer that breaks off", async () => {
  await using api = startApi();
  const sent = await mailer(api.env).send({ ...MAIL, to: "drip@here.test", id: "task-1" });
  assertEquals(sent, { outcome: "sent", id: "task-1" });
});

Deno.test("send() stops when its caller does", async () => {
  await using api = startApi();
  const stop = new AbortController();
  const sent = mailer(api.env, 60_000).send({ ...MAIL, to: "slow@here.test" }, stop.signal);
  stop.abort(new Error("the task is over"));
  await assertRejects(() => sent, Error, "the task is over");
});

Deno.test("send() speaks SMTP where there is no API", async () => {
  await using smtp = await startSmtp();
  const sender = mailer({ SMTP_URL: smtp.url() }, 5_000);
  assertEquals(sender.transport, "smtp");
  const subject = "Grüße\r\nBcc: eve@evil.test";
  const sent = await sender.send({ ...MAIL, to: ["a@b.test", "c@d.test"], subject, id: "task-1" });
  assertEquals(sent, { outcome: "sent", id: "<task-1@morrow.test>" });
  const [message] = smtp.messages;
  const head = message.slice(0, message.indexOf("\r\n\r\n"));
  assert(head.includes("From: Shop <shop@morrow.test>"));
  assert(head.includes("To: a@b.test, c@d.test"));
  assert(head.includes("Message-ID: <task-1@morrow.test>"));
  assert(!/^bcc:/im.test(head));
  assert(message.includes("text/plain") && message.includes("text/html"));
});

// After a failed greeting nodemailer leaves a timer of its own running for a while.
const leavesTimer = { sanitizeOps: false, sanitizeResources: false };

Deno.test("send() fails so that one knows whether to try SMTP again", leavesTimer, async () => {
  await using smtp = await startSmtp();
  await using silent = startSilent();
  const sender = mailer({ SMTP_URL: smtp.url() }, 5_000);
  assertEquals(await failureOf(sender, "550@here.test"), ["PROVIDER_REFUSED", false]);
  assertEquals(await failureOf(sender, "451@here.test"), ["PROVIDER_FAILED", true]);
  // The login and the certificate are the operator's to mend, and then the mails are to leave.
  const failuresOf = (url: string) => failureOf(mailer({ SMTP_URL: url }), "ok@here.test");
  assertEquals(await failuresOf(smtp.url("ann:wrong")), ["PROVIDER_LOGIN_REFUSED", true]);
  assertEquals(await failuresOf(`smtp://127.0.0.1:${freePort()}`), ["CONNECTION_REFUSED", true]);
  assertEquals(await failuresOf(`smtp://127.0.0.1:${silent.port}`), ["TIMED_OUT", true]);
  assertEquals(await failuresOf(smtp.url().replace("smtp:", "smtps:")), ["TLS_FAILED", true]);
});
