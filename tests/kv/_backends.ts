/** The KVs the conformance suite runs on, each opened through `openKv` as the app opens it. */
import { type KvOptions, openKv } from "../../src/kv/open.ts";
import type { Kv } from "../../src/kv/kv.ts";
import { silentLog } from "../../src/log.ts";
import { systemClock } from "../../src/time.ts";
import { createFaultKv } from "../_fault_kv.ts";
import { findDenokv, startDenokv } from "./_denokv.ts";

export interface Backend extends AsyncDisposable {
  /** Another handle on the same data, as another isolate would have. */
  open(options?: Partial<KvOptions>): Promise<Kv>;
}

/** Two shared cores may keep a test waiting for longer than a KV would ever need. */
const DEADLINE_MS = 10_000;

const opener = (base: Partial<KvOptions>) => (options: Partial<KvOptions> = {}) =>
  openKv({
    path: ":memory:",
    clock: systemClock,
    log: silentLog,
    deadlineMs: DEADLINE_MS,
    ...base,
    ...options,
  });

const removeFolder = (folder: string) => Deno.remove(folder, { recursive: true });

export async function memoryBackend(): Promise<Backend> {
  const raw = await Deno.openKv(":memory:");
  // Several handles on one `:memory:` KV are one handle, which only the last one may close.
  const shared = {
    get: raw.get.bind(raw),
    getMany: raw.getMany.bind(raw),
    list: raw.list.bind(raw),
    atomic: raw.atomic.bind(raw),
    close() {},
  };
  return {
    open: opener({ raw: shared }),
    [Symbol.asyncDispose]: () => Promise.resolve(raw.close()),
  };
}

export async function fileBackend(): Promise<Backend> {
  const folder = await Deno.makeTempDir({ prefix: "gatehouse-kv-" });
  return {
    open: opener({ path: `${folder}/new/folder/kv.sqlite3` }),
    [Symbol.asyncDispose]: () => removeFolder(folder),
  };
}

export async function faultBackend(): Promise<Backend> {
  const over = await Deno.openKv(":memory:");
  return {
    open: async (options) => {
      const raw = await createFaultKv({ over, remote: true });
      return await opener({ raw })(options);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(over.close()),
  };
}

export async function denokvBackend(): Promise<Backend> {
  const server = await startDenokv();
  return { open: opener({ path: server.url }), [Symbol.asyncDispose]: () => server.stop() };
}

export interface NamedBackend {
  readonly name: string;
  /** Undefined where it cannot be had. */
  readonly start: (() => Promise<Backend>) | undefined;
}

export async function allBackends(): Promise<NamedBackend[]> {
  return [
    { name: ":memory:", start: memoryBackend },
    { name: "a SQLite file", start: fileBackend },
    { name: "the fault KV with remote limits", start: faultBackend },
    { name: "a denokv server", start: await findDenokv() ? denokvBackend : undefined },
  ];
}
