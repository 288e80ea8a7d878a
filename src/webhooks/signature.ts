/**
 * Signs a webhook as standardwebhooks.com has it, and tells a true one. Over
 * `${id}.${timestamp}.${body}` goes HMAC-SHA256; `webhook-signature` is `v1,` and the base64 of it,
 * once for each secret in use, separated by spaces. A receiver recomputes it from the raw body,
 * compares in constant time, and refuses a `webhook-timestamp` more than five minutes off.
 */
import { Buffer } from "node:buffer";
import { MINUTE, SECOND } from "../time.ts";

export interface SignedPart {
  readonly id: string;
  /** Unix time in seconds. */
  readonly timestampSeconds: number;
  /** As it is sent, byte for byte. */
  readonly body: string;
}

const TOLERANCE_SECONDS = 5 * MINUTE / SECOND;
const SIGNATURES_MAX = 10;
const encoder = new TextEncoder();

/** The value of `webhook-signature`. */
export async function signWebhook(
  part: SignedPart,
  secrets: readonly string[],
): Promise<string> {
  const signatures = await Promise.all(secrets.map(async (secret) => {
    const bytes = await crypto.subtle.sign("HMAC", await keyOf(secret), contentOf(part));
    return `v1,${Buffer.from(bytes).toString("base64")}`;
  }));
  return signatures.join(" ");
}

/** Whether the headers sign this body with the secret, now. For receivers, and for our tests. */
export async function verifyWebhook(
  { headers, body, secret, nowMs }: {
    readonly headers: Headers;
    readonly body: string;
    readonly secret: string;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const timestamp = headers.get("webhook-timestamp") ?? "";
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  const timestampSeconds = Number(timestamp);
  if (Math.abs(nowMs / SECOND - timestampSeconds) > TOLERANCE_SECONDS) return false;
  const content = contentOf({ id: headers.get("webhook-id") ?? "", timestampSeconds, body });
  const key = await keyOf(secret);
  const signatures = (headers.get("webhook-signature") ?? "").split(" ", SIGNATURES_MAX);
  for (const signature of signatures) {
    const bytes = readSignature(signature);
    if (bytes && await crypto.subtle.verify("HMAC", key, bytes, content)) return true;
  }
  return false;
}

const contentOf = ({ id, timestampSeconds, body }: SignedPart) =>
  encoder.encode(`${id}.${timestampSeconds}.${body}`);

function readSignature(signature: string): Uint8Array<ArrayBuffer> | undefined {
  return signature.startsWith("v1,") ? bytesOf(signature.slice("v1,".length)) : undefined;
}

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));

function keyOf(secret: string): Promise<CryptoKey> {
  const bytes = secret.startsWith("whsec_")
    ? bytesOf(secret.slice("whsec_".length))
    : encoder.encode(secret);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
}
