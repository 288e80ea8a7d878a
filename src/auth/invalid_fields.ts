/** The answer to fields that are not right, in the shape of every validation error. */
import { AppError } from "../errors/app_error.ts";

export interface FieldProblem {
  /** JSON pointer into the body, such as `/password`. */
  readonly pointer: string;
  /** A sentence for the person who filled it in. */
  readonly detail: string;
}

export function invalidFields(...errors: readonly FieldProblem[]): AppError {
  return new AppError("VALIDATION_FAILED", { extensions: { errors } });
}
