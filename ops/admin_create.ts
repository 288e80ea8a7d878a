/**
 * `deno task admin:create ada@example.com`: an admin made by whoever can write to KV, for when no
 * link can be opened or nobody can sign in any more. Asks for the password, or reads it from a pipe.
 */
import { createCommand, EXIT_FAILED, run, say } from "./command_line.ts";
import { email } from "./values.ts";

const PASSWORD_BYTES_MAX = 2_048;
const ENTER = 13;
const INTERRUPT = 3;
const BACKSPACE = 127;

const command = createCommand("deno task admin:create", "An admin, made from a shell.")
  .usage("EMAIL")
  .argument("<email>", "address to sign in with; the password is asked for, or piped in", email)
  .action(create);

await run(command, Deno.args, explain);

/** The app is loaded once the words are understood. */
async function create(email: string): Promise<void> {
  const { createAdmin } = await import("../src/auth/create_admin.ts");
  const { environment, parseConfig } = await import("../src/config.ts");
  const { openKv } = await import("../src/kv/open.ts");
  const { createLog } = await import("../src/log.ts");
  const { systemClock: clock } = await import("../src/time.ts");
  const { demandLasting, isThere } = await import("./which_kv.ts");
  const { KV_PATH: path } = parseConfig(environment());
  demandLasting(path);
  const isNew = !await isThere(path);
  const kv = await openKv({ path, clock, log: createLog({ level: "warn", clock }) });
  const password = Deno.stdin.isTerminal() ? await askHidden("Password: ") : await readPipe();
  const { id } = await createAdmin({ kv, clock, email, password });
  kv.close();
  say(`Created the admin ${email} (${id})`);
  if (isNew) say(`KV_PATH=${path} is new: no server has used it yet.`);
}

async function explain(error: unknown): Promise<string | undefined> {
  const { ConfigError } = await import("../src/config.ts");
  const { AppError } = await import("../src/errors/app_error.ts");
  if (error instanceof ConfigError) return error.message;
  if (!(error instanceof AppError)) return undefined;
  const { errors } = error.options.extensions ?? {};
  const details = Array.isArray(errors) ? errors.map(({ detail }) => detail) : [];
  return [error.message, ...details].join(": ");
}

/** The first line of the pipe. */
async function readPipe(): Promise<string> {
  const buffer = new Uint8Array(PASSWORD_BYTES_MAX);
  const length = await Deno.stdin.read(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, length)).split(/\r?\n/, 1)[0];
}

/** Reads a line without showing it. */
async function askHidden(question: string): Promise<string> {
  Deno.stdout.writeSync(new TextEncoder().encode(question));
  Deno.stdin.setRaw(true);
  const typed: number[] = [];
  try {
    const key = new Uint8Array(1);
    while (await Deno.stdin.read(key) && key[0] !== ENTER && typed.length < PASSWORD_BYTES_MAX) {
      if (key[0] === INTERRUPT) Deno.exit(EXIT_FAILED);
      if (key[0] === BACKSPACE) typed.pop();
      else typed.push(key[0]);
    }
  } finally {
    Deno.stdin.setRaw(false);
    say("");
  }
  return new TextDecoder().decode(new Uint8Array(typed));
}
