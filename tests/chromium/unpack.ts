/**
 * Unpacks npm's Chromium and its libraries into `TMPDIR`. A process of its own, with a lock file of
 * its own: named in the root's deno.json, its 68 MB would be fetched for every `deno task start`.
 */

// Not a literal, so that nobody else who checks or tests this tree fetches it.
const PACKAGE = "@sparticuz/chromium";
const { default: chromium } = await import(PACKAGE);
await chromium.executablePath();
