/** A server of the check as a process of its own: where it listens, and that it ends with us. */
import { type ChildOptions, spawnChild } from "../_child.ts";

export interface Started extends AsyncDisposable {
  /** What `ready` found in its output. */
  readonly found: RegExpExecArray;
  /** Everything it wrote so far. */
  output(): string;
}

/**
 * Starts a program and waits until its output matches.
 * Throws with that output when it ends before, or says nothing of the kind for half a minute.
 */
export async function start(
  program: string,
  options: ChildOptions,
  ready: RegExp,
): Promise<Started> {
  const child = spawnChild(program, { ...options, stdout: "piped", stderr: "piped" });
  let text = "";
  const found = Promise.withResolvers<RegExpExecArray>();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const match = ready.exec(text);
      if (match) found.resolve(match);
    }
  };
  const fail = (what: string) => found.reject(new Error(`${program} ${what}:\n${text}`));
  const reading = Promise.all([read(child.stdout), read(child.stderr)]);
  reading.then(() => fail("ended before it was ready"));
  const timer = setTimeout(() => fail("was not ready within 30 s"), 30_000);
  const stop = async () => {
    try {
      child.kill("SIGTERM");
    } catch {
      // It ended by itself.
    }
    await Promise.all([child.status, reading]);
  };
  try {
    return { found: await found.promise, output: () => text, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** An app behind the gate. */
export interface App extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  output(): string;
}
