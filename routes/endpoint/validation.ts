/** Turns what a schema found wrong into the problem a client is shown. */
import { AppError } from "../../src/errors/app_error.ts";

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Fields that the schema does not know. */
  readonly keys?: readonly PropertyKey[];
}

interface Checked {
  readonly success: boolean;
  readonly target?: string;
  readonly error?: { readonly issues: readonly Issue[] };
}

/** More findings than this help nobody. */
const ERRORS_MAX = 20;

/** Hook of `zValidator`: throws `VALIDATION_FAILED` with a pointer (RFC 6901) to each field. */
export function invalid({ success, target, error }: Checked): undefined {
  if (success) return undefined;
  const issues = (error?.issues ?? []).flatMap(eachField);
  throw new AppError("VALIDATION_FAILED", {
    detail: issues.length === 1 ? sentenceOf(issues[0]) : undefined,
    extensions: {
      errors: issues.slice(0, ERRORS_MAX).map((issue) => ({
        pointer: pointerOf(issue.path),
        detail: issue.message,
        ...(target === "json" || target === "form" ? {} : { in: target }),
      })),
    },
  });
}

/** A finding for each unknown field, under its own name. */
function eachField(issue: Issue): Issue[] {
  const { path, keys } = issue;
  if (!keys) return [issue];
  return keys.map((key) => ({ path: [...path, key], message: "is not known here" }));
}

function sentenceOf({ path, message }: Issue): string {
  return path.length === 0 ? `${message}.` : `${path.join(".")}: ${message}.`;
}

function pointerOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => "/" + String(part).replaceAll("~", "~0").replaceAll("/", "~1"))
    .join("");
}
