/**
 * By what the content of a write is known again. It may hold a password, and a plain hash of it
 * would let whoever reads KV try passwords by the million; so it is keyed twice: by a secret of the
 * deployment, and by the sender's own `Idempotency-Key`, which is kept nowhere.
 */
import { createHmac } from "node:crypto";
import type { Config } from "../config.ts";

export interface Content {
  readonly scope: string;
  readonly key: string;
  readonly content: string;
}

const PURPOSE = "gatehouse idempotency v1";

export function hashContent(secret: Uint8Array, { scope, key, content }: Content): string {
  const ownKey = createHmac("sha256", secret).update(`${PURPOSE}\n${scope}\n${key}`).digest();
  return createHmac("sha256", ownKey).update(content).digest("hex");
}

/**
 * The secrets of a deployment, the one in use first.
 * @param deploymentKey What there is without JWT_SECRET; it lies in KV itself.
 */
export function contentSecrets(
  { JWT_SECRET, JWT_SECRET_PREVIOUS }: Pick<Config, "JWT_SECRET" | "JWT_SECRET_PREVIOUS">,
  deploymentKey: () => Promise<Uint8Array>,
): () => Promise<readonly Uint8Array[]> {
  if (JWT_SECRET === undefined) return async () => [await deploymentKey()];
  const encoder = new TextEncoder();
  const secrets = [JWT_SECRET, ...JWT_SECRET_PREVIOUS].map((text) => encoder.encode(text));
  return () => Promise.resolve(secrets);
}
