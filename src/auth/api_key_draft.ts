/** What an API key may be made with; everything that is wrong is told at once. */
import { type FieldProblem, invalidFields } from "./invalid_fields.ts";
import { isScope, type Scope } from "./scopes.ts";

export interface ApiKeyDraft {
  /** For people to know it by, 1 to 80 characters. */
  readonly name: string;
  readonly scopes: readonly string[];
  /** Unix milliseconds. */
  readonly expiresAt?: number;
  /** Addresses and CIDRs, at most 20; from anywhere when empty or absent. */
  readonly addressRanges?: readonly string[];
}

/** Reads an address or CIDR to a check whether an address lies in it; undefined for another text. */
export type RangeParser = (cidr: string) => ((ip: string) => boolean) | undefined;

const NAME_LENGTH_MAX = 80;
const RANGES_MAX = 20;

export interface ApiKeyFields {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt?: number;
  readonly addressRanges: readonly string[];
}

/** Throws `VALIDATION_FAILED`. */
export function draftApiKey(
  draft: ApiKeyDraft,
  now: number,
  parseRange: RangeParser,
): ApiKeyFields {
  const { expiresAt, addressRanges = [] } = draft;
  const name = draft.name.trim();
  const scopes = [...new Set(draft.scopes)].filter(isScope);
  const problems: (FieldProblem | false)[] = [
    // deno-lint-ignore no-control-regex
    (name === "" || name.length > NAME_LENGTH_MAX || /[\u0000-\u001f\u007f]/.test(name)) &&
    { pointer: "/name", detail: `A name has 1 to ${NAME_LENGTH_MAX} characters` },
    scopes.length === 0 && { pointer: "/scopes", detail: "A key needs at least one scope" },
    ...draft.scopes.map((scope, index) =>
      !isScope(scope) && { pointer: `/scopes/${index}`, detail: "There is no such scope" }
    ),
    expiresAt !== undefined && !(expiresAt > now) &&
    { pointer: "/expires_at", detail: "The end must lie in the future" },
    addressRanges.length > RANGES_MAX &&
    { pointer: "/address_ranges", detail: `At most ${RANGES_MAX} ranges` },
    ...addressRanges.slice(0, RANGES_MAX).map((range, index) =>
      !parseRange(range) &&
      { pointer: `/address_ranges/${index}`, detail: "This is not an address or a CIDR" }
    ),
  ];
  const found = problems.filter((problem) => problem !== false);
  if (found.length > 0) throw invalidFields(...found);
  return { name, scopes, expiresAt, addressRanges };
}
