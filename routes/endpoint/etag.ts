/** Versions of a document: a weak `ETag` from its JSON, so that no version has to be stored. */
import { AppError } from "../../src/errors/app_error.ts";

/** `W/"…"`: the first 96 bits of the SHA-256 of the document's JSON. */
export async function etagOf(document: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `W/"${digest.slice(0, 12).toBase64({ alphabet: "base64url" })}"`;
}

/** Whether a list of tags (`If-None-Match`, `If-Match`) names this one, weakly compared. */
export function namesTag(field: string, tag: string): boolean {
  const bare = (text: string) => text.trim().replace(/^W\//, "");
  return field.trim() === "*" || field.split(",").some((one) => bare(one) === bare(tag));
}

/** Throws `PRECONDITION_FAILED` when `If-Match` names another version than the current one. */
export async function demandMatch(request: Request, current: unknown): Promise<void> {
  const field = request.headers.get("if-match");
  if (field === null || namesTag(field, await etagOf(current))) return;
  throw new AppError("PRECONDITION_FAILED", {
    detail: "It was changed since you read it. Read it again, then send your change.",
  });
}
