/** What an authenticator app does, written from RFC 6238 and 4648 rather than from our own code. */
import { createHmac } from "node:crypto";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const STEP_MS = 30_000;

/** The six digits an app with this secret shows at that time. */
export function appCode(secret: string, now: number): string {
  const bits = [...secret].map((sign) => BASE32.indexOf(sign).toString(2).padStart(5, "0")).join(
    "",
  );
  const bytes = bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2));
  const step = new DataView(new ArrayBuffer(8));
  step.setBigUint64(0, BigInt(Math.floor(now / STEP_MS)));
  const hash = createHmac("sha1", new Uint8Array(bytes)).update(new Uint8Array(step.buffer))
    .digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
