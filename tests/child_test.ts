/** A test run that is killed leaves none of its processes behind. */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { runChild, spawnChild } from "./_child.ts";

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** In clock ticks since the machine's start: the same id with another one is another process. */
  readonly startedAt: string;
  readonly name: string;
}

async function readProcess(pid: number): Promise<Process | undefined> {
  const text = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => undefined);
  if (!text) return;
  const nameEnd = text.lastIndexOf(")");
  const [state, parent, ...rest] = text.slice(nameEnd + 2).split(" ");
  // A zombie has ended and only waits to be asked how.
  if (state === "Z") return;
  const name = text.slice(text.indexOf("(") + 1, nameEnd);
  return { pid, parent: Number(parent), startedAt: rest[17], name };
}

/** All that descend from a process, itself left out. */
async function descendantsOf(root: number): Promise<Process[]> {
  const pids = Array.from(Deno.readDirSync("/proc"), ({ name }) => Number(name)).filter(Boolean);
  const all = (await Promise.all(pids.map(readProcess))).filter((process) => process !== undefined);
  const childrenOf = (pid: number): Process[] =>
    all.filter(({ parent }) => parent === pid).flatMap((one) => [one, ...childrenOf(one.pid)]);
  return childrenOf(root);
}

async function leftOf(processes: readonly Process[]): Promise<string[]> {
  const now = await Promise.all(processes.map(({ pid }) => readProcess(pid)));
  return processes.flatMap(({ startedAt, name, pid }, index) =>
    now[index]?.startedAt === startedAt ? [`${name} ${pid}`] : []
  );
}

/** What is left after at most `waitMs`. */
async function leftAfter(waitMs: number, processes: readonly Process[]): Promise<string[]> {
  for (const endAt = performance.now() + waitMs;;) {
    const left = await leftOf(processes);
    if (left.length === 0 || performance.now() > endAt) return left;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Who is told to end, and how; where it is a group, some of us end first and some never do. */
const ENDS = {
  "SIGKILL": (pid: number) => Deno.kill(pid, "SIGKILL"),
  "SIGTERM to all at once, then SIGKILL": async (pid: number, group: number) => {
    await runChild("sh", { args: ["-c", `kill -TERM -${group}`] });
    await new Promise((resolve) => setTimeout(resolve, 100));
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It took the first for an answer.
    }
  },
};

for (const [name, end] of Object.entries(ENDS)) {
  Deno.test(`a test run ended with ${name} leaves no process behind`, async () => {
    const file = fileURLToPath(new URL("./_every_child.ts", import.meta.url));
    // Beside it stays a shell of ours: had the group no other process, our own lifeline would clear up.
    const script = `trap : TERM; "$@" & echo "PID $!"; wait; exec sleep 600`;
    const beside = spawnChild("sh", {
      args: ["-c", script, "sh", Deno.execPath(), "test", "-A", "--no-check", file],
      stdout: "piped",
      stderr: "null",
    });
    let said = "";
    for await (const text of beside.stdout.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (said.includes("EVERYTHING RUNS")) break;
    }
    const run = Number(/PID (\d+)/.exec(said)?.[1]);
    const processes = await descendantsOf(run);
    await end(run, beside.pid);
    // Two origins, the app, a browser of several, three others, a fleet, and the shells beside them.
    assert(processes.length >= 16, `${processes.length} processes:\n${said}`);
    const left = await leftAfter(5_000, processes);
    beside.kill("SIGKILL");
    await beside.status;
    assertEquals(left, []);
  });
}

Deno.test("spawnChild() gives the program's own id, output, status and an empty input", async () => {
  const child = spawnChild("sh", {
    args: ["-c", 'cat; echo "$$ $WORD $1"; exit 3', "sh", "a b'\"$"],
    env: { WORD: "of ours" },
    stdout: "piped",
    stderr: "null",
  });
  const { code, stdout } = await child.output();
  assertEquals(
    [code, new TextDecoder().decode(stdout)],
    [3, `${child.pid} of ours a b'"$\n`],
  );
});

Deno.test("spawnChild() leaves no shell behind when the program ends by itself or is killed", async () => {
  for (const [program, args] of [["true", []], ["sleep", ["600"]]] as const) {
    const child = spawnChild(program, { args: [...args] });
    const processes = await descendantsOf(child.pid);
    if (program === "sleep") child.kill("SIGTERM");
    await child.status;
    assertEquals(await leftAfter(2_000, processes), [], program);
  }
});

Deno.test("runChild() of a program that is not there fails and says so", async () => {
  const { code, stderr } = await runChild("no-such-program", {});
  assertEquals(code, 127);
  assert(new TextDecoder().decode(stderr).includes("no-such-program"));
});
