/**
 * Which passwords may be chosen: long ones that are not everybody's first idea (NIST 800-63B: a
 * length, a list of common ones, no rules about kinds of characters).
 */
import { invalidFields } from "./invalid_fields.ts";

const LENGTH_MIN = 15;
const LENGTH_MAX = 256;
const BYTES_MAX = 1_024;
/** Shorter names are parts of too many words. */
const LOCAL_LENGTH_MIN = 4;
const DISTINCT_MIN = 5;

/** What is left of common choices once digits at the end and everything but letters is gone. */
const COMMON = new Set([
  "abcdefghijklmno",
  "abcdefghijklmnop",
  "abcdefghijklmnopqrstuvwxyz",
  "administrator",
  "adminadminadmin",
  "changeme",
  "changemechangeme",
  "changemeplease",
  "correcthorsebatterystaple",
  "defaultpassword",
  "gatehouse",
  "gatehouseadmin",
  "gatehousegatehouse",
  "gatehousepassword",
  "iloveyou",
  "iloveyouiloveyou",
  "iloveyousomuch",
  "letmein",
  "letmeinletmein",
  "letmeinplease",
  "mypassword",
  "mypasswordispassword",
  "passphrase",
  "password",
  "passwordpassword",
  "pleaseletmein",
  "qwerty",
  "qwertyqwerty",
  "qwertyuiop",
  "qwertyuiopasdf",
  "qwertyuiopasdfghjkl",
  "qwertyuiopasdfghjklzxcvbnm",
  "superadministrator",
  "supersecretpassword",
  "thisisapassword",
  "thisismypassword",
  "trustnoone",
  "welcome",
  "welcometogatehouse",
]);
/** The same digit keys in order, as often as one likes. */
const DIGIT_RUN = /^(?:0?123456789|9876543210?)\d*$/;

/** What is wrong with it as a sentence, or undefined. */
function problemOf(password: string, email: string): string | undefined {
  const text = password.normalize("NFC");
  const length = [...text].length;
  if (!text.isWellFormed()) return "This password holds characters that cannot be kept";
  if (length < LENGTH_MIN) return `Choose a password of at least ${LENGTH_MIN} characters`;
  if (length > LENGTH_MAX) return `Choose a password of at most ${LENGTH_MAX} characters`;
  const lower = text.toLowerCase();
  const [local] = email.split("@", 1);
  if (local.length >= LOCAL_LENGTH_MIN && lower.includes(local)) {
    return "Choose a password without your e-mail address in it";
  }
  const letters = lower.replace(/[^\p{L}]/gu, "");
  const isCommon = COMMON.has(letters) || DIGIT_RUN.test(lower.replace(/\D/g, "")) && !letters ||
    new Set(lower).size < DISTINCT_MIN;
  return isCommon ? "Choose a password that is harder to guess" : undefined;
}

/** Throws `VALIDATION_FAILED` for a new password that may not be used. */
export function demandGoodPassword(password: string, email: string, pointer = "/password"): void {
  demandShortPassword(password, pointer);
  const detail = problemOf(password, email);
  if (detail !== undefined) throw invalidFields({ pointer, detail });
}

/**
 * Throws `VALIDATION_FAILED` for what is too long to be a password: nothing is done with it, so that
 * a megabyte costs nothing.
 */
export function demandShortPassword(password: string, pointer = "/password"): void {
  if (password.length <= BYTES_MAX && new TextEncoder().encode(password).length <= BYTES_MAX) {
    return;
  }
  throw invalidFields({ pointer, detail: `A password has at most ${BYTES_MAX} bytes` });
}
