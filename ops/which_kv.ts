/**
 * Whether `KV_PATH` names a KV that a command can share with the server: a mistyped one would be made
 * on the spot, found to be empty, and reported as good news.
 */
import { ConfigError } from "../src/config.ts";
import { kvKind } from "../src/kv/open.ts";

/** Throws `ConfigError` for one that lives in the server's memory alone. */
export function demandLasting(path: string): void {
  if (kvKind({ path }) !== "memory") return;
  throw new ConfigError(
    "KV_PATH=:memory: is kept by one process alone, so nothing can be done in it from here.",
  );
}

/** Whether it is there; one on another machine says so itself. */
export async function isThere(path: string): Promise<boolean> {
  return kvKind({ path }) !== "file" ||
    await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}

/** Throws `ConfigError` for what no server has used yet; makes no file. */
export async function demandUsed(path: string): Promise<void> {
  demandLasting(path);
  if (await isThere(path)) return;
  throw new ConfigError(`KV_PATH=${path} is not there: name the file that the server uses.`);
}
