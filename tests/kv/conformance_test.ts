/** One suite on every backend we run on; the SQLite file and denokv differ where laptops mislead. */
import { allBackends } from "./_backends.ts";
import { CASES } from "./_conformance.ts";

for (const { name, start } of await allBackends()) {
  Deno.test({
    name: `kv keeps its promises on ${name}`,
    ignore: start === undefined,
    async fn(t) {
      if (!start) return;
      await using backend = await start();
      const kv = await backend.open();
      for (const { name, run } of CASES) await t.step(name, () => run(kv, backend));
      kv.close();
    },
  });
}
