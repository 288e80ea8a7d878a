import { assert, assertEquals } from "@std/assert";
import { signWebhook, verifyWebhook } from "../../src/webhooks/signature.ts";

const SECRET = "a secret of the tests, 32 bytes+";
const NOW_MS = 1_800_000_000_000;
const PART = { id: "msg-1", timestampSeconds: NOW_MS / 1_000, body: '{"a":1}' };

async function headersWith(secrets: readonly string[], more: Record<string, string> = {}) {
  return new Headers({
    "webhook-id": PART.id,
    "webhook-timestamp": String(PART.timestampSeconds),
    "webhook-signature": await signWebhook(PART, secrets),
    ...more,
  });
}

const check = (headers: Headers, more = {}) =>
  verifyWebhook({ headers, body: PART.body, secret: SECRET, nowMs: NOW_MS, ...more });

Deno.test("signWebhook() gives the example of the Standard Webhooks specification", async () => {
  const part = {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestampSeconds: 1_614_265_330,
    body: '{"test": 2432232314}',
  };
  const signature = await signWebhook(part, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]);
  assertEquals(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

Deno.test("verifyWebhook() believes what was signed with the secret, an older one included", async () => {
  assert(await check(await headersWith([SECRET])));
  assert(await check(await headersWith(["a newer secret of the tests, 32 b", SECRET])));
  assert(!await check(await headersWith(["another secret of the tests, 32 b"])));
});

Deno.test("verifyWebhook() believes nothing that was changed, late, or is not there", async () => {
  const good = await headersWith([SECRET]);
  assert(!await check(good, { body: '{"a":2}' }));
  assert(!await check(good, { nowMs: NOW_MS + 301_000 }));
  assert(!await check(good, { nowMs: NOW_MS - 301_000 }));
  assert(await check(good, { nowMs: NOW_MS + 299_000 }));
  assert(!await check(new Headers()));
  const changes: Record<string, string>[] = [
    { "webhook-id": "msg-2" },
    { "webhook-timestamp": "1800000001" },
    { "webhook-timestamp": "soon" },
    { "webhook-signature": "v1,AAAA" },
    { "webhook-signature": "v1,***" },
    { "webhook-signature": (good.get("webhook-signature") ?? "").replace("v1,", "v2,") },
    { "webhook-signature": `${"v1,AAAA ".repeat(10)}${good.get("webhook-signature")}` },
  ];
  for (const change of changes) assert(!await check(await headersWith([SECRET], change)));
});
