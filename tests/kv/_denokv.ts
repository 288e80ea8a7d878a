/**
 * A real KV Connect server (`denokv`) for tests: found on PATH or in ~/.cargo/bin, installed with
 * cargo only when `GATEHOUSE_INSTALL_DENOKV=1` asks for it, as that takes minutes.
 */
import { spawnChild } from "../_child.ts";

const ACCESS_TOKEN = "gatehouse-tests-only-0123456789";
const START_MAX_MS = 15_000;

export interface Denokv {
  readonly url: string;
  /** Freezes the server: connections stay open and nobody answers. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

async function runs(binary: string): Promise<boolean> {
  try {
    const help = new Deno.Command(binary, { args: ["--help"], stdout: "null", stderr: "null" });
    return (await help.output()).success;
  } catch {
    return false;
  }
}

async function search(): Promise<string | undefined> {
  for (const binary of ["denokv", `${Deno.env.get("HOME")}/.cargo/bin/denokv`]) {
    if (await runs(binary)) return binary;
  }
  return undefined;
}

let found: Promise<string | undefined> | undefined;

/** The binary, or undefined after one line on the console that says why there is none. */
export function findDenokv(): Promise<string | undefined> {
  return found ??= (async () => {
    const binary = await search();
    if (binary) return binary;
    if (Deno.env.get("GATEHOUSE_INSTALL_DENOKV") === "1" && await runs("cargo")) {
      console.log("installing denokv with cargo; this takes minutes");
      await new Deno.Command("cargo", { args: ["install", "denokv", "--locked"] }).output();
      const installed = await search();
      if (installed) return installed;
    }
    console.log(
      "SKIPPED: the KV suite on a real denokv server, as there is no denokv here; " +
        "GATEHOUSE_INSTALL_DENOKV=1 installs it with cargo",
    );
    return undefined;
  })();
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

async function answers(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

export async function startDenokv(): Promise<Denokv> {
  const binary = await findDenokv();
  if (!binary) throw new Error("there is no denokv here");
  const folder = await Deno.makeTempDir({ prefix: "gatehouse-denokv-" });
  const port = freePort();
  const args = ["--sqlite-path", `${folder}/kv.sqlite3`, "serve"];
  args.push("--addr", `127.0.0.1:${port}`, "--access-token", ACCESS_TOKEN);
  const child = spawnChild(binary, { args, stdout: "null", stderr: "null" });
  // Deno's KV Connect client reads its token here and nowhere else.
  Deno.env.set("DENO_KV_ACCESS_TOKEN", ACCESS_TOKEN);
  const stop = async () => {
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(folder, { recursive: true });
  };
  for (let waitedMs = 0; !await answers(port); waitedMs += 50) {
    if (waitedMs > START_MAX_MS) {
      await stop();
      throw new Error("denokv did not start");
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url: `http://127.0.0.1:${port}`,
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
    stop,
  };
}
