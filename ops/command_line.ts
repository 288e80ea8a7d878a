/**
 * What all our commands have in common: an option, a word or a value that is not understood ends
 * with its name, the usage and status 2, before anything is opened. Commander reads the words; it is
 * told here to be strict, and that an option is given once.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

/** It did not work; what was asked for was understood. */
export const EXIT_FAILED = 1;
/** It was not understood, and nothing was done. */
export const EXIT_USAGE = 2;

/** Reads a value. Throws `InvalidArgumentError` with a sentence that says what it should be. */
export type Read<Value> = (text: string) => Value;

/** A command as one calls it, such as `deno task dlq`. */
export function createCommand(name: string, about: string): Command {
  return new Command(name)
    .description(about)
    .helpOption("--help", "show this")
    .helpCommand(false)
    .allowExcessArguments(false)
    .showHelpAfterError()
    .exitOverride();
}

/** An option with a value that may be given once: `--limit <count>`. */
export function valueOption<Value>(flags: string, about: string, read: Read<Value>): Option {
  return new Option(flags, about).argParser<Value>((text, earlier) => {
    if (earlier !== undefined) throw new InvalidArgumentError("It is given twice.");
    return read(text);
  });
}

/** The same, that may be given up to `max` times. */
export function listOption<Value>(
  flags: string,
  about: string,
  max: number,
  read: Read<Value>,
): Option {
  return new Option(flags, about).argParser<readonly Value[]>((text, earlier = []) => {
    if (earlier.length >= max) throw new InvalidArgumentError(`At most ${max} of them.`);
    return [...earlier, read(text)];
  });
}

/** For `[words...]`: each of them one of these, at most once. */
export function eachOf(known: readonly string[]) {
  return (text: string, earlier: readonly string[] = []): readonly string[] => {
    if (!known.includes(text)) throw new InvalidArgumentError(`There are ${known.join(", ")}.`);
    if (earlier.includes(text)) throw new InvalidArgumentError("It is given twice.");
    return [...earlier, text];
  };
}

/** The words of a script that does but one thing; ends the process when they are not understood. */
export function readWords(command: Command): Command {
  try {
    return command.parse(Deno.args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    Deno.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
  }
}

/**
 * Obeys, and ends the process: 0 when it is done, 2 when the words were not understood, 1 for an
 * error that `explain` has a sentence for. Anything else is a bug and is thrown.
 */
export async function run(
  command: Command,
  args: readonly string[],
  explain: (error: unknown) => string | undefined | Promise<string | undefined>,
): Promise<never> {
  try {
    await command.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) Deno.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
    const sentence = await explain(error);
    if (sentence === undefined) throw error;
    complain(sentence);
    Deno.exit(EXIT_FAILED);
  }
  // A queue of KV would keep the process waiting.
  Deno.exit(0);
}

export function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

export function complain(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}
