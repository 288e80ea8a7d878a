/**
 * MDN's HTTP Observatory, the program itself, against our own page: the app as `main.ts` starts it,
 * behind a TLS front with a certificate of our own authority. Prints one line with the grade and
 * fails unless it is A+. It scans ports 80 and 443 and nothing else, so it must be allowed to
 * listen there; it needs Node, npm and openssl.
 *
 *     deno run -A tests/observatory/observatory.ts [URL of an app that already runs]
 *
 * That app must trust 127.0.0.1 as a proxy and redirect to HTTPS.
 */
import { fileURLToPath } from "node:url";
import { spawnChild } from "../_child.ts";
import { startFront } from "./front.ts";
import { type Place, readGrade, run } from "./tools.ts";

/** The last version that scans without a database, by algorithm 4. */
const PACKAGE = "@mdn/mdn-http-observatory@1.4.8";
const SCANNER = "node_modules/@mdn/mdn-http-observatory";
const HOST = "localhost";
const START_MS = 20_000;

const place: Place = { folder: await Deno.makeTempDir({ prefix: "gatehouse_observatory_" }) };
try {
  const [certificate] = await Promise.all([issueCertificate(place), installScanner(place)]);
  const [url] = Deno.args;
  await using app = url ? runningApp(url) : await startApp();
  await using _front = startFront({ certificate, appUrl: app.url });
  const output = await run(place, ["node", `${SCANNER}/src/scan.js`, HOST], {
    NODE_EXTRA_CA_CERTS: `${place.folder}/ca.pem`,
  });
  const { grade, line } = readGrade(output);
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
  if (grade !== "A+") Deno.exitCode = 1;
} finally {
  await Deno.remove(place.folder, { recursive: true });
}

/** An authority for this run, and a certificate of it for `localhost`. */
async function issueCertificate(place: Place): Promise<{ cert: string; key: string }> {
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await run(place, [
    ...["openssl", "req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.pem"],
    ...["-days", "2", "-subj", "/CN=Gatehouse test authority"],
  ]);
  await run(place, [
    ...["openssl", "req", ...newKey, "-keyout", "key.pem", "-out", "request.pem"],
    ...["-subj", `/CN=${HOST}`],
  ]);
  await Deno.writeTextFile(`${place.folder}/names`, `subjectAltName=DNS:${HOST},IP:127.0.0.1`);
  await run(place, [
    ...["openssl", "x509", "-req", "-in", "request.pem", "-out", "cert.pem", "-days", "2"],
    ...["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"],
  ]);
  const read = (name: string) => Deno.readTextFile(`${place.folder}/${name}`);
  return { cert: await read("cert.pem"), key: await read("key.pem") };
}

/** Its own set-up would download two lists that only matter for names on the Internet. */
async function installScanner(place: Place): Promise<void> {
  await Deno.writeTextFile(`${place.folder}/package.json`, "{}");
  await run(place, ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", PACKAGE]);
  await Deno.writeTextFile(`${place.folder}/${SCANNER}/conf/hsts-preload.json`, "{}");
  await Deno.writeTextFile(`${place.folder}/${SCANNER}/conf/tld-list.json`, "[]");
}

interface App extends AsyncDisposable {
  readonly url: string;
}

function runningApp(url: string): App {
  return { url, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Starts the app in memory on a free port, as an operator would behind a TLS front. */
async function startApp(): Promise<App> {
  const port = freePort();
  const child = spawnChild(Deno.execPath(), {
    args: ["run", "-A", fileURLToPath(new URL("../../main.ts", import.meta.url))],
    env: {
      PORT: String(port),
      KV_PATH: ":memory:",
      TRUSTED_PROXIES: "127.0.0.1",
      HTTPS_REDIRECT: "1",
      LOG_LEVEL: "error",
    },
    stdout: "inherit",
    stderr: "inherit",
  });
  const stop = async () => {
    try {
      child.kill("SIGTERM");
    } catch {
      // It ended by itself.
    }
    await child.status;
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await waitFor(`${url}/healthz`);
  } catch (cause) {
    await stop();
    throw new Error(`Cannot scan: the app did not answer within ${START_MS / 1_000} s`, { cause });
  }
  return { url, [Symbol.asyncDispose]: stop };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function waitFor(url: string): Promise<void> {
  const deadline = AbortSignal.timeout(START_MS);
  for (;;) {
    const response = await globalThis.fetch(url, { signal: deadline }).catch((error) => {
      if (deadline.aborted) throw error;
    });
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
