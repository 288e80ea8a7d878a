/** E-mail addresses: one spelling for each, and the hash it is found by. */
import { hashSecret } from "./secrets.ts";

const LENGTH_MAX = 254;
const LOCAL_LENGTH_MAX = 64;
/** No quoted local parts, no address literals: nobody signs in with those. */
const LABEL = String.raw`[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?`;
const EMAIL = new RegExp(`^[^\\s@"(),:;<>[\\\\\\]]+@${LABEL}(?:\\.${LABEL})*$`, "u");

/** Lower case and NFC, or undefined when it is no address. */
export function normalizeEmail(text: string): string | undefined {
  if (text.length > LENGTH_MAX) return undefined;
  const email = text.trim().normalize("NFC").toLowerCase();
  const [local] = email.split("@", 1);
  const fits = EMAIL.test(email) && local.length <= LOCAL_LENGTH_MAX && email.isWellFormed();
  return fits ? email : undefined;
}

/** Keys of KV hold this in place of the address, which is personal data. */
export function hashEmail(normalized: string): string {
  return hashSecret(`gatehouse e-mail\n${normalized}`);
}
