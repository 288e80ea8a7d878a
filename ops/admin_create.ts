/**
 * `deno task admin:create ada@example.com`: an admin made by whoever can write to KV, for when no
 * link can be opened or nobody can sign in any more. Asks for the password, or reads it from a pipe.
 */
import { createAdmin } from "../src/auth/create_admin.ts";
import { ConfigError, environment, parseConfig } from "../src/config.ts";
import { AppError } from "../src/errors/app_error.ts";
import { openKv } from "../src/kv/open.ts";
import { createLog } from "../src/log.ts";
import { systemClock } from "../src/time.ts";

const EXIT_WRONG = 1;
const EXIT_USAGE = 2;
const PASSWORD_BYTES_MAX = 2_048;
const ENTER = 13;
const INTERRUPT = 3;
const BACKSPACE = 127;

const [email] = Deno.args;
if (!email) {
  say("Usage: deno task admin:create EMAIL");
  Deno.exit(EXIT_USAGE);
}
try {
  const { KV_PATH: path } = parseConfig(environment());
  const clock = systemClock;
  const kv = await openKv({ path, clock, log: createLog({ level: "warn", clock }) });
  const password = Deno.stdin.isTerminal() ? await askHidden("Password: ") : await readPipe();
  const { id } = await createAdmin({ kv, clock, email, password });
  kv.close();
  say(`Created the admin ${email} (${id})`);
} catch (error) {
  say(explain(error));
  Deno.exit(EXIT_WRONG);
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (!(error instanceof AppError)) throw error;
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
      if (key[0] === INTERRUPT) Deno.exit(EXIT_WRONG);
      if (key[0] === BACKSPACE) typed.pop();
      else typed.push(key[0]);
    }
  } finally {
    Deno.stdin.setRaw(false);
    say("");
  }
  return new TextDecoder().decode(new Uint8Array(typed));
}
