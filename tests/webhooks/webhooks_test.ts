import { assert, assertEquals, assertRejects } from "@std/assert";
import { AppError } from "../../src/errors/app_error.ts";
import { categorize } from "../../src/errors/categorize.ts";
import { parseRange } from "../../src/ip/cidr.ts";
import { systemClock } from "../../src/time.ts";
import { postPinned } from "../../src/webhooks/pinned_post.ts";
import { resolveAddresses } from "../../src/webhooks/resolve.ts";
import { verifyWebhook } from "../../src/webhooks/signature.ts";
import { createWebhooks, type Webhook, type WebhooksOptions } from "../../src/webhooks/webhooks.ts";
import { makeCertificate } from "../gateway/_certificate.ts";

const SECRET = "a secret of the tests, 32 bytes+";

const createTestWebhooks = (options: Partial<WebhooksOptions> = {}) =>
  createWebhooks({
    secrets: [SECRET],
    clock: systemClock,
    resolve: () => Promise.resolve(["127.0.0.1"]),
    post: postPinned,
    parseRange,
    allowPrivate: true,
    timeoutMs: 500,
    ...options,
  });

const HOOK: Webhook = { url: "", event: "alert.firing", id: "task-1", body: { alert: "disk" } };

/**
 * Answers `/503` with status 503 and so on, `/slow` not at all, `/long` with
 * megabytes, and `/drip503` begins its body and never ends it.
 */
function startReceiver(tls: { cert: string; key: string } | undefined = undefined) {
  const received: { headers: Headers; body: string; url: string }[] = [];
  const late = Promise.withResolvers<Response>();
  const answer = async (request: Request) => {
    received.push({ headers: request.headers, body: await request.text(), url: request.url });
    const name = new URL(request.url).pathname.slice(1);
    if (name === "slow") return late.promise;
    if (name === "long") return new Response("x".repeat(5_000_000), { status: 400 });
    if (name.startsWith("drip")) {
      const begun = new ReadableStream({ start: (body) => body.enqueue(new Uint8Array([120])) });
      return new Response(begun, { status: Number(name.slice(4)) });
    }
    const headers = { "retry-after": "9", location: "http://127.0.0.1:1/" };
    return new Response(name === "204" ? null : "said", { status: Number(name), headers });
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {}, ...tls }, answer);
  const port = server.addr.port;
  return {
    received,
    port,
    url: (name: string) => `http://hooks.test:${port}/${name}`,
    async [Symbol.asyncDispose]() {
      late.resolve(new Response(null));
      await server.shutdown();
    },
  };
}

Deno.test("deliver() sends what a receiver can verify", async () => {
  await using receiver = startReceiver();
  const sent = await createTestWebhooks().deliver({ ...HOOK, url: receiver.url("200") });
  assertEquals(sent, { status: 200 });
  const [{ headers, body, url }] = receiver.received;
  assertEquals(body, '{"alert":"disk"}');
  assertEquals(url, receiver.url("200"));
  assertEquals(headers.get("x-gatehouse-event"), "alert.firing");
  assertEquals(headers.get("webhook-id"), "task-1");
  const nowMs = systemClock.now();
  assert(await verifyWebhook({ headers, body, secret: SECRET, nowMs }));
});

Deno.test("deliver() signs with former secrets too, and not at all without one", async () => {
  await using receiver = startReceiver();
  const hook = { ...HOOK, url: receiver.url("204") };
  await createTestWebhooks({ secrets: ["a newer secret of the tests, 32 b", SECRET] }).deliver(
    hook,
  );
  await createTestWebhooks({ secrets: [] }).deliver(hook);
  const [{ headers, body }, plain] = receiver.received;
  assert(await verifyWebhook({ headers, body, secret: SECRET, nowMs: systemClock.now() }));
  assertEquals(plain.headers.get("webhook-signature"), null);
});

Deno.test("deliver() fails so that one knows whether to try again", async () => {
  await using receiver = startReceiver();
  const counted: string[] = [];
  const metrics = { deliveries: { add: (result: string) => counted.push(result) } };
  const webhooks = createTestWebhooks({ metrics });
  const failureOf = async (name: string) => {
    const error = await assertRejects(() => webhooks.deliver({ ...HOOK, url: receiver.url(name) }));
    const { code, retryable, retryAfterMs } = categorize(error);
    return [code, retryable, retryAfterMs];
  };
  assertEquals(await failureOf("410"), ["PROVIDER_REFUSED", false, 9_000]);
  assertEquals(await failureOf("400"), ["PROVIDER_REFUSED", false, 9_000]);
  assertEquals(await failureOf("302"), ["PROVIDER_REFUSED", false, 9_000]);
  assertEquals(await failureOf("429"), ["TOO_MANY_REQUESTS", true, 9_000]);
  assertEquals(await failureOf("500"), ["PROVIDER_FAILED", true, 9_000]);
  assertEquals(await failureOf("503"), ["PROVIDER_FAILED", true, 9_000]);
  assertEquals(await failureOf("slow"), ["TIMED_OUT", true, undefined]);
  assertEquals(await failureOf("long"), ["PROVIDER_REFUSED", false, undefined]);
  // The redirect was not followed: each was asked once.
  assertEquals(receiver.received.length, 8);
  assertEquals(counted, new Array(8).fill("webhook.failed"));
});

Deno.test("deliver() follows no redirect, whatever its status", async () => {
  await using receiver = startReceiver();
  for (const status of ["301", "302", "303", "307", "308"]) {
    const url = receiver.url(status);
    const error = await assertRejects(() => createTestWebhooks().deliver({ ...HOOK, url }));
    assertEquals(categorize(error).code, "PROVIDER_REFUSED", status);
  }
  // Each was asked once, and where it pointed to not at all: that would be a refused connection.
  assertEquals(receiver.received.length, 5);
});

Deno.test("deliver() does not wait for an answer's body to end", async () => {
  await using receiver = startReceiver();
  const deliver = (name: string) =>
    createTestWebhooks().deliver({ ...HOOK, url: receiver.url(name) });
  assertEquals(await deliver("drip200"), { status: 200 });
  const error = await assertRejects(() => deliver("drip503"));
  assertEquals(categorize(error).code, "PROVIDER_FAILED");
});

Deno.test("deliver() is retried when the receiver, its name or the look-up is down", async () => {
  const codeOf = async (options: Partial<WebhooksOptions>, url = "http://hooks.test:1/") =>
    categorize(await assertRejects(() => createTestWebhooks(options).deliver({ ...HOOK, url })));
  assertEquals((await codeOf({})).code, "CONNECTION_REFUSED");
  const unknown = await codeOf({ resolve: resolveAddresses }, "https://nowhere.invalid/");
  assertEquals([unknown.code, unknown.retryable], ["DNS_FAILED", true]);
  const silent = await codeOf({ resolve: () => new Promise(() => {}), timeoutMs: 30 });
  assertEquals([silent.code, silent.retryable], ["TIMED_OUT", true]);
});

Deno.test("deliver() stops when its caller does", async () => {
  await using receiver = startReceiver();
  const stop = new AbortController();
  const webhooks = createTestWebhooks({ timeoutMs: 60_000 });
  const sent = webhooks.deliver({ ...HOOK, url: receiver.url("slow") }, stop.signal);
  setTimeout(() => stop.abort(new Error("the task is over")), 30);
  await assertRejects(() => sent, Error, "the task is over");
  await assertRejects(() => webhooks.deliver(HOOK, stop.signal), Error, "the task is over");
});

Deno.test("deliver() goes to the checked address, and TLS asks for the name", async () => {
  await using certificate = await makeCertificate();
  const { cert, key } = certificate;
  await using receiver = startReceiver({ cert, key });
  const post: WebhooksOptions["post"] = (request) => postPinned(request, [cert]);
  const webhooks = createTestWebhooks({ post });
  const to = (host: string) => ({ ...HOOK, url: `https://${host}:${receiver.port}/200` });
  assertEquals(await webhooks.deliver(to("localhost")), { status: 200 });
  const named = await assertRejects(() => webhooks.deliver(to("hooks.test")));
  assertEquals(categorize(named).code, "TLS_FAILED");
  const strict = createTestWebhooks();
  const untrusted = await assertRejects(() => strict.deliver(to("localhost")));
  assertEquals(categorize(untrusted).code, "TLS_FAILED");
});

Deno.test("a name that changes its answer gains nothing: it is asked once", async () => {
  await using receiver = startReceiver();
  let asked = 0;
  const resolve = () => Promise.resolve([asked++ === 0 ? "127.0.0.1" : "169.254.169.254"]);
  await createTestWebhooks({ resolve }).deliver({ ...HOOK, url: receiver.url("200") });
  assertEquals(asked, 1);
});

Deno.test("deliver() and checkUrl() refuse what leads inside, without a word to it", async () => {
  await using receiver = startReceiver();
  const webhooks = createTestWebhooks({ allowPrivate: false });
  const url = receiver.url("200").replace("http:", "https:").replace(/:\d+/, "");
  for (const refused of [() => webhooks.deliver({ ...HOOK, url }), () => webhooks.checkUrl(url)]) {
    const error = await assertRejects(refused, AppError, "not a public one");
    assertEquals(categorize(error).code, "WEBHOOK_URL_REFUSED");
    assertEquals(categorize(error).retryable, false);
  }
  assertEquals(receiver.received.length, 0);
  await createTestWebhooks().checkUrl(receiver.url("200"));
});

Deno.test("deliver() bounds the body, and keeps ids and events out of trouble", async () => {
  await using receiver = startReceiver();
  const url = receiver.url("200");
  const refuse = (more: Partial<Webhook>, why: string) =>
    assertRejects(() => createTestWebhooks().deliver({ ...HOOK, url, ...more }), AppError, why);
  await refuse({ body: "x".repeat(300_000) }, "262144 characters");
  await refuse({ event: "a\r\nx: y" }, "odd characters");
  await refuse({ id: "" }, "odd characters");
  assertEquals(receiver.received.length, 0);
});
