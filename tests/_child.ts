/**
 * Child processes that end with us. Whatever ends the test run, SIGKILL included, the kernel closes
 * our end of a pipe; a shell beside the child reads the other end and then kills it and its own
 * children. So this works for programs that know nothing of it, and the child's id is its own.
 */

// `$$` is the program, which takes this shell's place, and `-$$` all that it starts. The shell that
// stays beside it outlives what the program may send to all of them.
const LIFELINE = `exec 3<&0
(trap '' HUP INT QUIT TERM; cat <&3; kill -9 -$$) >/dev/null 2>&1 &
exec "$@" 3<&- </dev/null`;

export type ChildOptions = Omit<Deno.CommandOptions, "stdin" | "detached">;

/** Starts a program whose standard input is empty. It lives until it ends, is killed, or we end. */
export function spawnChild(program: string, options: ChildOptions): Deno.ChildProcess {
  const args = ["-c", LIFELINE, "sh", program, ...options.args ?? []];
  const child = new Deno.Command("sh", { ...options, args, stdin: "piped", detached: true })
    .spawn();
  // The shell ends as well, now that there is nothing left to kill.
  child.status.finally(() => child.stdin.close().catch(() => {}));
  return child;
}

/** Runs a program to its end. */
export async function runChild(
  program: string,
  options: ChildOptions,
): Promise<Deno.CommandOutput> {
  return await spawnChild(program, { ...options, stdout: "piped", stderr: "piped" }).output();
}
