/** A payload as it may be shown: its shape and its plain values, without what may be secret. */
import { redact } from "../log.ts";

const SECRET_NAME =
  /authorization|cookie|pass(word|wd|phrase)|secret|token|api[-_]?key|private|email|phone|street|card|iban/i;
const DEPTH_MAX = 8;
const ITEMS_MAX = 100;

export function mask(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redact(value);
  if (value === null || typeof value !== "object") return value;
  if (depth >= DEPTH_MAX) return "[deep]";
  if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).map((item) => mask(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).slice(0, ITEMS_MAX).map(([name, item]) => [
      name,
      SECRET_NAME.test(name) ? "[redacted]" : mask(item, depth + 1),
    ]),
  );
}
