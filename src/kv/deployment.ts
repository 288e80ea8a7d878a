/**
 * What all isolates of one deployment agree on: its id and its signing key, drawn by whichever
 * isolate starts first and kept for ever.
 */
import { type Deployment, keys } from "./keys.ts";
import type { Kv } from "./kv.ts";

/** Reads the record, or creates it; two first starts at once agree on one. */
export async function loadDeployment(kv: Pick<Kv, "get" | "commit">): Promise<Deployment> {
  const drawn: Deployment = {
    id: crypto.randomUUID().slice(0, 13).replace("-", ""),
    cursorKey: crypto.getRandomValues(new Uint8Array(32)),
  };
  const known = await kv.get(keys.deployment());
  if (known.value) return known.value;
  const created = await kv.commit((atomic) =>
    atomic.check(keys.deployment(), null).set(keys.deployment(), drawn)
  );
  if (created.ok) return drawn;
  const { value } = await kv.get(keys.deployment());
  if (!value) throw new Error("Cannot agree on a deployment id: KV lost the record");
  return value;
}
