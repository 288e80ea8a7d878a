/** Ends this process when the one that started it is gone, so that no test leaves one behind. */
export async function exitWithParent(): Promise<void> {
  const buffer = new Uint8Array(1);
  while (await Deno.stdin.read(buffer) !== null);
  Deno.exit(0);
}
