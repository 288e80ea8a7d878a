/** The process as an operator meets it: how it starts, how it refuses to, how two share a KV file. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { start, type Started, startGateway } from "./_processes.ts";

function processTest(name: string, run: () => Promise<void>): void {
  Deno.test({ name, fn: run, sanitizeOps: false, sanitizeResources: false });
}

/** Default limits, one KV file for all who are given the same folder. */
async function startShop(folder: string): Promise<Started & { url: string }> {
  const env = { PORT: "0", KV_PATH: `${folder}/kv.sqlite3` };
  const started = await start("../../main.ts", env, /server\.listening/);
  return { ...started, url: JSON.parse(started.line).url };
}

async function statusOf(url: string, init?: RequestInit): Promise<number> {
  const response = await fetch(url, init);
  await response.body?.cancel();
  return response.status;
}

processTest(
  "two processes on one KV file admit at most 220 pages and at most 5 sign-ins",
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      await using one = await startShop(folder);
      await using two = await startShop(folder);
      const url = (i: number, path: string) => `${i % 2 ? one.url : two.url}${path}`;

      const pages: number[] = [];
      for (let i = 0; i < 260; i++) pages.push(await statusOf(url(i, "/us/products")));
      const admitted = pages.filter((status) => status === 200).length;
      assert(admitted >= 200 && admitted <= 220, `${admitted} pages`);
      assert(pages.every((status) => status === 200 || status === 429));

      const login = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
      const signIns = await Promise.all(
        Array.from({ length: 40 }, (_, i) => statusOf(url(i, "/api/v1/auth/login"), login)),
      );
      const tried = signIns.filter((status) => status !== 429);
      assert(tried.length >= 3 && tried.length <= 5, `${tried.length} sign-ins`);
      assert(tried.every((status) => status === 422), `${tried}`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

processTest("a restarted process remembers what was counted", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const first = await startShop(folder);
    for (let i = 0; i < 150; i++) await statusOf(`${first.url}/us/products`);
    assertEquals((await first.stop("SIGTERM")).code, 0);
    await first[Symbol.asyncDispose]();
    await using second = await startShop(folder);
    let admitted = 0;
    for (let i = 0; i < 80; i++) {
      if (await statusOf(`${second.url}/us/products`) === 200) admitted++;
    }
    assert(admitted >= 45 && admitted <= 50, `${admitted}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

processTest("wrong settings stop the start with all their names, and without a stack", async () => {
  const error = await assertRejects(
    () => startGateway({ PORT: "eighty", GATE_MODE: "maybe", ORIGIN_URL: "nowhere" }),
    Error,
  );
  for (const name of ["PORT", "GATE_MODE", "ORIGIN_URL"]) assertStringIncludes(error.message, name);
  assert(!error.message.includes("    at "), error.message);
});

processTest("a port that is taken stops the start with a sentence", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const error = await assertRejects(() => startGateway({ PORT: String(taken.addr.port) }), Error);
  assertStringIncludes(error.message, `PORT=${taken.addr.port}`);
  assert(!error.message.includes("    at "), error.message);
});

processTest("DENO_TRUST_PROXY_HEADERS on a public listener stops the start", async () => {
  const error = await assertRejects(
    () => startGateway({ HOST: "0.0.0.0", DENO_TRUST_PROXY_HEADERS: "1" }),
    Error,
  );
  assertStringIncludes(error.message, "DENO_TRUST_PROXY_HEADERS");
});
