/**
 * By what the content of a write is known again. It may hold a password, and a plain hash of it
 * would let whoever reads KV try passwords by the million; so it is keyed twice: by a secret of the
 * deployment, and by the sender's own `Idempotency-Key`, which is kept nowhere.
 */
import { createHmac } from "node:crypto";

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
