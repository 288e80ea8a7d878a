/**
 * What an admin is shown of a match: the field, and a little text with anything like a secret taken
 * out. Of a field that holds a secret, or may, nothing is shown: its name says enough.
 */
import { isSecretName, secretsIn } from "./secret_names.ts";

const LENGTH_MAX = 60;
const AROUND = 12;
const FIELD_MAX = 100;
/** Longer names are cut before anybody looks at them. */
const FIELD_READ_MAX = 400;

export function excerptOf(text: string, index: number, length: number, field = ""): string {
  if (isSecretField(field, text)) return "";
  const start = Math.max(0, index - AROUND);
  const end = Math.min(text.length, index + length + AROUND, start + 2 * LENGTH_MAX);
  return redacted(withoutSecrets(text, start, end)).slice(0, LENGTH_MAX);
}

/** A field's name for people: a client wrote it, so it may hold anything. */
export function shownField(field: string): string {
  const read = field.slice(0, FIELD_READ_MAX);
  return redacted(withoutSecrets(read, 0, read.length)).replace(/[\p{C}\p{Z}]+/gu, " ")
    .slice(0, FIELD_MAX);
}

/**
 * A cookie may be a session whatever its name; `value` holds what a name beside it says; a string
 * in a GraphQL document and a text in XML come without their names.
 */
function isSecretField(field: string, text: string): boolean {
  return field.startsWith("cookie.") || field.endsWith(" (string)") ||
    (field.startsWith("json.") && /\.value(?: \(|$)/.test(field)) ||
    (field === "xml" && !text.trimStart().startsWith("<")) ||
    isSecretName(field.slice(0, FIELD_READ_MAX));
}

function withoutSecrets(text: string, start: number, end: number): string {
  let shown = "";
  let at = start;
  for (const [from, to] of secretsIn(text, start, end)) {
    if (from >= end) break;
    shown += `${text.slice(at, Math.max(at, from))}<secret>`;
    at = Math.max(at, to);
  }
  return shown + text.slice(at, Math.max(at, end));
}

function redacted(text: string): string {
  return text
    .replace(/[\w.+-]{1,64}@[\w-]{1,60}(?:\.[\w-]{2,20}){1,3}/g, "<e-mail>")
    .replace(/[a-z0-9_-]{24,}/gi, "<token>")
    .replace(/\d{7,}/g, "<digits>")
    .replace(/\s+/g, " ");
}
