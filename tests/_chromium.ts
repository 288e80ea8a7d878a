/**
 * Which Chromium the tests use: Debian's where it is installed, else npm's, which is fetched and
 * unpacked once into `.cache/`. `TEST_BROWSER=npm` hides the system's, as CI does for one run.
 */
import { fileURLToPath } from "node:url";
import { runChild } from "./_child.ts";

const SYSTEM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
/** The last version that carries its libraries too. */
const VERSION = "147.0.0";
const ROOT = fileURLToPath(new URL("../", import.meta.url));
const CACHE = `${ROOT}.cache/`;

export interface Chromium {
  readonly executablePath: string;
  /** What must be set for it beside our own environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Throws, and says how to get one, when there is none and npm's cannot be had either. */
export async function findChromium(): Promise<Chromium> {
  if (Deno.env.get("TEST_BROWSER") !== "npm") {
    for (const executablePath of SYSTEM) {
      if (await exists(executablePath)) return { executablePath, env: {} };
    }
  }
  try {
    await Deno.mkdir(CACHE, { recursive: true });
    return await npmChromium(`${CACHE}chromium-${VERSION}`);
  } catch (cause) {
    const places = SYSTEM.join(", ");
    throw new Error(
      `No Chromium at ${places}, and npm's does not work here. The journeys need one: ` +
        "sudo apt-get install -y chromium",
      { cause },
    );
  }
}

/** Unpacked by one of those who ask at once; the others wait, and so do other processes. */
export async function npmChromium(folder: string, unpack = unpackInto): Promise<Chromium> {
  // The system gives up a lock when its holder dies, however it died.
  using lock = await Deno.open(`${folder}.lock`, { create: true, write: true });
  await lock.lock(true);
  if (!await exists(folder)) {
    const half = `${folder}.half`;
    // Of a run that was ended here; nobody else is at it, as the lock is ours.
    await Deno.remove(half, { recursive: true }).catch(() => {});
    await Deno.mkdir(half);
    await unpack(half);
    await Deno.writeTextFile(`${half}/fonts.conf`, fontsConf(folder));
    // Whole or not at all.
    await Deno.rename(half, folder);
  }
  return {
    executablePath: `${folder}/chromium`,
    env: { LD_LIBRARY_PATH: `${folder}/al2023/lib`, FONTCONFIG_FILE: `${folder}/fonts.conf` },
  };
}

/** Without a font Chromium ends at the first text, and the package's own list knows only /tmp. */
const fontsConf = (folder: string) =>
  `<?xml version="1.0"?>
<fontconfig><dir>${inXml(folder)}/fonts</dir><cachedir>${
    inXml(folder)
  }/fonts-cache</cachedir></fontconfig>
`;

const inXml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

async function unpackInto(folder: string): Promise<void> {
  console.log(`unpacking npm's Chromium ${VERSION} (68 MB to fetch, the first time) into .cache/`);
  const args = ["run", "-A", "--quiet", "--frozen", "--config", "tests/chromium/deno.json"];
  const { success, stderr } = await runChild(Deno.execPath(), {
    args: [...args, "tests/chromium/unpack.ts"],
    cwd: ROOT,
    // For another runtime the package leaves its libraries packed.
    env: { TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: "nodejs22.x" },
  });
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);
