/** `deno task dlq` beside a running server: it knows the app's tasks, and the server runs them. */
import { assert, assertEquals } from "@std/assert";
import { startSmtp } from "../mail/_servers.ts";
import { US_CHECKOUT } from "../origin/demo/_shop.ts";
import { startGateway } from "../journeys/_processes.ts";
import { createFolder, fillKv, runCommand } from "./_commands.ts";

const ORDER = { ...US_CHECKOUT, items: [{ product_id: "mara-mug", quantity: 1 }] };

async function order(url: string, email: string): Promise<void> {
  const response = await fetch(`${url}/us/orders`, {
    method: "POST",
    headers: {
      authorization: "Bearer ada-token-1",
      "content-type": "application/json",
      accept: "application/json",
    },
    body: JSON.stringify({ ...ORDER, email }),
  });
  assertEquals(response.status, 201, await response.text());
}

Deno.test("dlq beside a server lists, shows, retries, deletes and clears", async () => {
  await using folder = await createFolder();
  await using smtp = await startSmtp();
  const env = { SMTP_URL: smtp.url(), MAIL_FROM: "shop@morrow.test" };
  await using app = await startGateway({ KV_PATH: folder.kvPath, ...env });
  const dlq = async (line: string) => {
    const { code, out, err } = await runCommand("dlq", line.split(" "), folder.kvPath, env);
    assertEquals([code, err], [0, ""], line);
    return out.trim();
  };
  const list = async () => {
    const lines = (await dlq("list --status dead")).split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  };
  const until = async (isSo: () => Promise<boolean>) => {
    for (let looks = 0; !await isSo(); looks++) assert(looks < 20, app.output());
  };

  for (const code of [550, 553, 554]) await order(app.url, `${code}@shop.test`);
  await until(async () => (await list()).length === 3);
  const [{ id, name, error }, { id: other }] = await list();
  assertEquals(name, "shop.order_mail");
  assert(error.message.includes("not here"), error.message);

  assertEquals(JSON.parse(await dlq(`retry ${id} --force`)).status, "retrying");
  await until(async () => JSON.parse(await dlq(`show ${id}`)).history.length === 2);
  assertEquals(JSON.parse(await dlq(`show ${id}`)).redrives.length, 1);

  assertEquals(JSON.parse(await dlq(`delete ${other}`)).deleted, true);
  const counted = JSON.parse(await dlq("clear --name shop.order_mail"));
  assertEquals([counted.would_delete, counted.deleted], [2, 0]);
  const kept = JSON.parse(await dlq("clear --older-than-hours 1 --confirm"));
  assertEquals([kept.deleted, (await list()).length], [0, 2]);
  assertEquals(JSON.parse(await dlq("clear --all --expected-count=2 --confirm")).deleted, 2);
  assertEquals(JSON.parse(await dlq("stats")).total_failed_tasks, 0);
});

Deno.test("dlq ends with 1 and a sentence when there is no such task", async () => {
  await using folder = await createFolder();
  await fillKv(folder.kvPath);
  const id = crypto.randomUUID();
  for (const line of [`show ${id}`, `retry ${id}`, `delete ${id}`]) {
    const { code, out, err } = await runCommand("dlq", line.split(" "), folder.kvPath);
    assertEquals([code, out, err.includes("    at ")], [1, "", false], err);
  }
});
