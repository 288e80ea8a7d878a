/**
 * What an API key may do to people: whatever its scopes say, but nothing to an admin, and nobody
 * becomes one by it. A key lies in some machine's settings; whoever finds it must not thereby own
 * the house. Demanded by the endpoints, so that nothing is half done, and again in the commit.
 */
import { AppError } from "../errors/app_error.ts";
import type { Role } from "../kv/auth_records.ts";

const KEY_ID = /^key_/;

/** Throws `FORBIDDEN` when an API key acts on one who is, was, or would be an admin. */
export function demandMayManage(actorId: string, ...roles: readonly (Role | undefined)[]): void {
  if (KEY_ID.test(actorId) && roles.includes("admin")) {
    throw new AppError("FORBIDDEN", { detail: "No API key may do this to an admin." });
  }
}
