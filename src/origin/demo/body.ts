/** Reads the body of a POST: a form or JSON, never more than it may be. */
import { AppError } from "../../errors/app_error.ts";

/** A checkout form with every field full is below 3 KB. */
export const BODY_MAX_BYTES = 16 * 1024;

const ACCEPTED = "application/json, application/x-www-form-urlencoded";

/**
 * The fields of the body.
 *
 * @throws AppError UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, MALFORMED_JSON, MALFORMED_REQUEST
 */
export async function readFields(request: Request): Promise<Record<string, unknown>> {
  const type = request.headers.get("content-type")?.split(";")[0].trim().toLowerCase();
  if (type !== "application/json" && type !== "application/x-www-form-urlencoded") {
    throw new AppError("UNSUPPORTED_MEDIA_TYPE", {
      detail: `Send one of: ${ACCEPTED}.`,
      headers: { "accept-post": ACCEPTED },
    });
  }
  const text = await readText(request);
  return type === "application/json"
    ? parseJson(text)
    : Object.fromEntries(new URLSearchParams(text));
}

async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length")) > BODY_MAX_BYTES) throw tooLarge();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      // The declared length is a claim; what counts is what comes.
      if ((bytes += chunk.byteLength) > BODY_MAX_BYTES) throw tooLarge();
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("MALFORMED_REQUEST", { cause: error });
  }
}

function parseJson(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError("MALFORMED_JSON", { cause: error });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  const detail = "The body must be a JSON object.";
  throw new AppError("VALIDATION_FAILED", {
    detail,
    extensions: { errors: [{ pointer: "", detail }] },
  });
}

function tooLarge(): AppError {
  return new AppError("PAYLOAD_TOO_LARGE", { detail: `At most ${BODY_MAX_BYTES} bytes.` });
}
