/** What an SMTP server may do at each step of a conversation, and what becomes of the mail. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { categorize } from "../../src/errors/categorize.ts";
import { PartlySentError } from "../../src/mail/mail.ts";
import { type Reply, startScriptedSmtp, type Step } from "./_scripted_smtp.ts";
import { mailer, startSmtp } from "./_servers.ts";

const MAIL = { to: "ann@here.test", subject: "Your order", text: "Thank you", id: "task-1" };
const OFFERS_TLS = "250-here.test\r\n250-STARTTLS\r\n250 AUTH PLAIN";

type Row = readonly [replies: Partial<Record<Step, Reply>>, code: string, retryable: boolean];

const later = (step: Step, ...replies: string[]): Row[] =>
  replies.map((reply) => [{ [step]: reply }, "PROVIDER_FAILED", true]);
const never = (step: Step, ...replies: string[]): Row[] =>
  replies.map((reply) => [{ [step]: reply }, "PROVIDER_REFUSED", false]);
const login = (step: Step, ...replies: string[]): Row[] =>
  replies.map((reply) => [{ [step]: reply }, "PROVIDER_LOGIN_REFUSED", true]);
const lost = (...steps: Step[]): Row[] =>
  steps.map((step) => [{ [step]: "drop" }, "CONNECTION_LOST", true]);
const silent = (...steps: Step[]): Row[] =>
  steps.map((step) => [{ [step]: "silence" }, "TIMED_OUT", true]);

const ROWS: readonly Row[] = [
  // Before the mail is named a refusal says nothing about the mail.
  ...later("greeting", "421 busy", "554 no service for you", "HTTP/1.1 503 Bad gateway"),
  ...later("EHLO", "421 going down"),
  [{ EHLO: OFFERS_TLS, STARTTLS: "454 no TLS just now" }, "PROVIDER_FAILED", true],
  [{ EHLO: OFFERS_TLS, STARTTLS: "drop" }, "CONNECTION_LOST", true],
  ...later("AUTH", "421 busy", "454 4.7.0 temporary failure"),
  ...login("AUTH", "530 5.7.0 encrypt", "534 5.7.9 too weak", "535 5.7.8 wrong"),
  ...login("MAIL", "530 5.7.0 sign in first"),
  ...later("MAIL", "421 busy", "451 4.3.0 oops", "452 4.3.1 full"),
  ...never("MAIL", "550 5.7.1 not from you", "552 5.3.4 too big", "553 5.1.8 odd sender"),
  ...later("RCPT", "421 busy", "450 4.2.0 greylisted", "451 4.7.1 greylisted", "452 4.2.2 full"),
  ...never("RCPT", "550 5.1.1 nobody", "551 moved", "552 full", "553 5.1.3 odd", "554 5.7.1 no"),
  ...later("DATA", "421 busy", "451 4.3.0 oops"),
  ...never("DATA", "554 5.5.1 no"),
  ...later("text", "421 busy", "450 4.7.0 later", "451 4.3.0 oops", "452 4.3.1 full"),
  ...never("text", "550 5.7.1 spam", "552 5.3.4 too big", "554 5.6.0 no"),
  ...lost("greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "text"),
  ...silent("greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "text"),
];

// nodemailer leaves a timer of its own running for a while.
const leavesTimer = { sanitizeOps: false, sanitizeResources: false };

Deno.test(
  `send() knows ${ROWS.length} ends of an SMTP conversation apart`,
  leavesTimer,
  async () => {
    for (const [replies, code, retryable] of ROWS) {
      await using smtp = startScriptedSmtp(replies);
      const error = await assertRejects(() => mailer({ SMTP_URL: smtp.url }).send(MAIL));
      const found = categorize(error);
      assertEquals([found.code, found.retryable], [code, retryable], JSON.stringify(replies));
    }
  },
);

Deno.test("send() says when some recipients were refused, and then asks for those alone", async () => {
  await using smtp = await startSmtp();
  const sender = mailer({ SMTP_URL: smtp.url() }, 5_000);
  const rows: readonly (readonly [refused: string[], retryable: boolean])[] = [
    [["451@here.test"], true],
    [["550@here.test"], false],
    [["550@here.test", "451@here.test"], true],
    [["550@here.test", "554@here.test"], false],
  ];
  for (const [refused, retryable] of rows) {
    smtp.messages.length = 0;
    const to = ["ann@here.test", ...refused, "bob@here.test"];
    const error = await assertRejects(() => sender.send({ ...MAIL, to }), PartlySentError);
    assert(error instanceof PartlySentError);
    assertEquals([error.pending, categorize(error).retryable], [refused, retryable]);
    assertEquals(smtp.messages.length, 1);
  }
  const to = ["ann@here.test", "bob@here.test"];
  await sender.send({ ...MAIL, to, pending: ["bob@here.test", "eve@evil.test"] });
  assertEquals(smtp.recipients.at(-1), ["bob@here.test"]);
  assert(smtp.messages.at(-1)?.includes("To: ann@here.test, bob@here.test"));
});

Deno.test("a mail whose answer was lost has the same Message-ID when it comes again", async () => {
  await using smtp = startScriptedSmtp({ text: "drop" });
  const sender = mailer({ SMTP_URL: smtp.url });
  for (let attempt = 0; attempt < 3; attempt++) await assertRejects(() => sender.send(MAIL));
  const ids = smtp.texts.map((text) => /^message-id: (.*)$/im.exec(text)?.[1].trim());
  assertEquals(ids, Array(3).fill("<task-1@morrow.test>"));
});
