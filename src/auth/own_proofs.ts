/**
 * Whether an `Authorization` field holds a proof of ours, told by its form alone: also an expired
 * or a revoked one, one that could not be checked while KV was out, one of another Gatehouse. It
 * opens nothing behind the gate, so it is not for the origin's logs.
 */
import { claimsToBeAccessToken } from "./access_tokens.ts";
import { holdsApiKey } from "./api_key_text.ts";
import { holdsSessionSecret } from "./session_secrets.ts";

/** No token of ours is longer. */
const PIECE_MAX = 8_192;
/** Two fields come joined by a comma, and schemes may quote what follows them. */
const BETWEEN = /[\s,="':]+/;
const PIECES_MAX = 16;
const BASIC = /^basic\s+([\w+/=-]{1,8192})\s*$/i;

export function holdsOwnProof(authorization: string): boolean {
  if (holdsIn(authorization)) return true;
  const basic = BASIC.exec(authorization)?.[1];
  return basic !== undefined && holdsIn(fromBase64(basic));
}

function holdsIn(text: string): boolean {
  if (holdsApiKey(text) || holdsSessionSecret(text)) return true;
  if (!text.includes(".")) return false;
  const pieces = text.split(BETWEEN, PIECES_MAX);
  return pieces.some((piece) =>
    piece.length <= PIECE_MAX && piece.includes(".") && claimsToBeAccessToken(piece)
  );
}

/** The text behind it; empty where it is no base64. */
function fromBase64(text: string): string {
  try {
    return atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return "";
  }
}
