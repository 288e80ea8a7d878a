/**
 * `deno task verify:security https://shop.example`: what a stranger can see of a live site's
 * security, as a report. Exit code 0 passed, 1 not passed, 2 not understood.
 */
import { VERSION } from "../src/config.ts";
import { systemClock } from "../src/time.ts";
import { plainReport } from "../src/verify/plain_report.ts";
import { sarifReport } from "../src/verify/sarif_report.ts";
import { hasFailed, type Report, verify } from "../src/verify/verify.ts";
import { PATHS_MAX } from "../src/verify/visit.ts";
import {
  complain,
  createCommand,
  EXIT_FAILED,
  EXIT_USAGE,
  listOption,
  run,
  valueOption,
} from "./command_line.ts";
import { fileText, oneOf, textLike, webUrl } from "./values.ts";

type Format = "plain" | "json" | "sarif";

interface Options {
  readonly format?: Format;
  readonly strict?: boolean;
  readonly path?: readonly string[];
  readonly basePath?: string;
  readonly httpUrl?: URL;
  readonly caCert?: string;
  readonly probeLimits?: boolean;
}

const FORMATS: Readonly<Record<Format, (report: Report, strict: boolean) => string>> = {
  plain: plainReport,
  json: (report) => JSON.stringify(report, null, 2) + "\n",
  sarif: (report) => sarifReport(report, VERSION),
};

const path = textLike(/^\/[^\s#]*$/, "a path that begins with /");

const command = createCommand(
  "deno task verify:security",
  "What a stranger sees of a live site's security. Status 0 passed, 1 not passed, 2 not understood.",
)
  .usage("URL [options]")
  .argument("<url>", "where the site is, http:// or https://", webUrl)
  .addOption(valueOption(
    "--format <format>",
    "plain, json or sarif; plain if left out",
    oneOf("plain", "json", "sarif"),
  ))
  .option("--strict", "warnings fail the run too")
  .addOption(listOption(
    "--path <path>",
    `look at this page as well, up to ${PATHS_MAX} of them (one that sets a cookie)`,
    PATHS_MAX,
    path,
  ))
  .addOption(valueOption("--base-path <path>", "BASE_PATH of the gate", path))
  .addOption(valueOption(
    "--http-url <url>",
    "where plain HTTP is answered; port 80 of the host if left out",
    webUrl,
  ))
  .addOption(valueOption(
    "--ca-cert <file>",
    "trust the certificates of this PEM file as well",
    fileText,
  ))
  .option(
    "--probe-limits",
    "use the rate limit up to see that it holds; this address is then refused until the limit's " +
      "window is over",
  )
  .action(report);

await run(command, Deno.args, () => undefined);

async function report(url: URL, options: Options): Promise<void> {
  const { strict = false, caCert, format = "plain" } = options;
  const caCerts = caCert === undefined ? [] : [caCert];
  try {
    const client = Deno.createHttpClient({ caCerts });
    const seen = await verify({
      url,
      clock: systemClock,
      fetch: (input, init) => fetch(input, { ...init, client }),
      paths: options.path,
      basePath: options.basePath,
      plainUrl: options.httpUrl,
      caCerts,
      probesLimits: options.probeLimits,
    });
    await write(FORMATS[format](seen, strict));
    Deno.exit(hasFailed(seen, strict) ? EXIT_FAILED : 0);
  } catch (error) {
    // Whoever reads the status takes 1 for a site that did not pass.
    complain(error instanceof Error ? error.message : String(error));
    Deno.exit(EXIT_USAGE);
  }
}

/** All of it, as a pipe takes only what fits. */
async function write(text: string): Promise<void> {
  await new Blob([text]).stream().pipeTo(Deno.stdout.writable, { preventClose: true });
}
