/**
 * `deno task verify:security https://shop.example`: what a stranger can see of a live site's
 * security, as a report. Exit code 0 passed, 1 not passed, 2 not understood.
 */
import { parseArgs } from "node:util";
import { systemClock } from "../src/time.ts";
import { plainReport } from "../src/verify/plain_report.ts";
import { sarifReport } from "../src/verify/sarif_report.ts";
import { hasFailed, type Report, verify } from "../src/verify/verify.ts";
import { PATHS_MAX } from "../src/verify/visit.ts";
import { VERSION } from "../src/config.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const USAGE = `Usage: deno task verify:security URL [options]

  --format plain|json|sarif  How to report; plain if left out
  --strict                   Warnings fail the run too
  --path PATH                Look at this page as well, up to ${PATHS_MAX} of them (one that sets a cookie)
  --base-path PATH           BASE_PATH of the gate
  --http-url URL             Where plain HTTP is answered; port 80 of the host if left out
  --ca-cert FILE             Trust the certificates of this PEM file as well
  --probe-limits             Use the rate limit up to see that it holds; this address is then
                             refused until the limit's window is over`;

const FORMATS: Readonly<Record<string, (report: Report, strict: boolean) => string>> = {
  plain: plainReport,
  json: (report) => JSON.stringify(report, null, 2) + "\n",
  sarif: (report) => sarifReport(report, VERSION),
};

try {
  const { values, url } = readArguments(Deno.args);
  const { strict } = values;
  const caCerts = values["ca-cert"] ? [await Deno.readTextFile(values["ca-cert"])] : [];
  const client = Deno.createHttpClient({ caCerts });
  const report = await verify({
    url,
    clock: systemClock,
    fetch: (input, init) => fetch(input, { ...init, client }),
    paths: values.path,
    basePath: values["base-path"],
    plainUrl: values["http-url"] ? new URL(values["http-url"]) : undefined,
    caCerts,
    probesLimits: values["probe-limits"],
  });
  await say(FORMATS[values.format](report, strict));
  Deno.exit(hasFailed(report, strict) ? EXIT_FAILED : 0);
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  Deno.exit(EXIT_USAGE);
}

/** Throws, with words for the user, when they cannot be understood. */
function readArguments(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      format: { type: "string", default: "plain" },
      strict: { type: "boolean", default: false },
      path: { type: "string", multiple: true },
      "base-path": { type: "string" },
      "http-url": { type: "string" },
      "ca-cert": { type: "string" },
      "probe-limits": { type: "boolean", default: false },
    },
  });
  const [text = ""] = positionals;
  if (positionals.length !== 1 || !/^https?:/.test(text) || !URL.canParse(text)) {
    throw new Error("Cannot verify without one URL that begins with http: or https:");
  }
  if (!Object.hasOwn(FORMATS, values.format)) {
    throw new Error(`Cannot report as "${values.format}"`);
  }
  return { values, url: new URL(text) };
}

/** All of it, as a pipe takes only what fits. */
async function say(text: string): Promise<void> {
  await new Blob([text]).stream().pipeTo(Deno.stdout.writable, { preventClose: true });
}
