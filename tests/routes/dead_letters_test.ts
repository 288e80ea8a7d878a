import { assertEquals, assertStringIncludes } from "@std/assert";
import { z } from "zod";
import { defineTask } from "../../src/tasks/define.ts";
import { PermanentError } from "../../src/tasks/verdicts.ts";
import { codeOf, type IdentityApp, itemsOf, openIdentityApp } from "./_identity_app.ts";

const DLQ = "/api/v1/onboarding/admin/dlq";

/** An app with `count` webhooks that could not be delivered. */
async function withDead(app: IdentityApp, count: number): Promise<void> {
  const { tasks } = app.services;
  for (let i = 0; i < count; i++) {
    await app.services.tasks.enqueue(WEBHOOK, {
      url: `http://10.0.0.${i + 1}/x?key=secret-${i}`,
      event: "test",
      body: {},
    });
  }
  for (let waited = 0; (await tasks.counts()).dead < count && waited < 5_000; waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** As the app defines it: only its name and shape matter for putting one into the queue. */
const WEBHOOK = defineTask({
  name: "webhook.deliver",
  schema: z.object({ url: z.string(), event: z.string(), body: z.json() }),
  run() {
    throw new PermanentError("never run here");
  },
});

Deno.test("the six endpoints of the dead letters", async (t) => {
  await using app = await openIdentityApp();
  const { token } = await app.person("admin");
  const analyst = await app.person("analyst");
  await withDead(app, 3);

  let id = "";
  await t.step("tasks/ lists them, filtered, in pages, as JSON and CSV", async () => {
    const page = await app.get(`${DLQ}/tasks/?limit=2&status=dead`, { token: analyst.token });
    assertEquals([page.status, itemsOf(page).length], [200, 2]);
    id = String(itemsOf(page)[0].id);
    const cursor = encodeURIComponent(String(page.json().next_cursor));
    const rest = await app.get(`${DLQ}/tasks/?limit=2&status=dead&cursor=${cursor}`, { token });
    assertEquals(itemsOf(rest).length, 1);
    assertEquals(itemsOf(await app.get(`${DLQ}/tasks/?name=other`, { token })).length, 0);
    const csv = await app.get(`${DLQ}/tasks/?format=csv`, { token });
    assertStringIncludes(csv.text, "id,name,status");
  });
  await t.step("tasks/{id}/ shows every attempt and no secret", async () => {
    const shown = await app.get(`${DLQ}/tasks/${id}/`, { token });
    assertEquals(shown.status, 200);
    const { history, can_retry } = shown.json();
    assertEquals([Array.isArray(history) && history.length, typeof can_retry], [1, "boolean"]);
    assertEquals(shown.text.includes("secret-"), false);
    assertEquals(codeOf(await app.get(`${DLQ}/tasks/nobody/`, { token })), "NOT_FOUND");
  });
  await t.step("tasks/{id}/retry/ runs one again, for admins", async () => {
    const retry = (token: string) =>
      app.post(`${DLQ}/tasks/${id}/retry/`, { token, json: { force: true } });
    assertEquals(codeOf(await retry(analyst.token)), "FORBIDDEN");
    assertEquals((await retry(token)).json().status, "retrying");
  });
  await t.step("stats/ counts them", async () => {
    const stats = (await app.get(`${DLQ}/stats/`, { token: analyst.token })).json();
    assertEquals(typeof stats.total_failed_tasks, "number");
  });
  await t.step("tasks/{id}/delete/ removes one", async () => {
    const [other] = itemsOf(await app.get(`${DLQ}/tasks/?status=dead&order=oldest`, { token }));
    const path = `${DLQ}/tasks/${other.id}/delete/`;
    assertEquals((await app.send("DELETE", path, { token })).json().deleted, true);
    assertEquals(codeOf(await app.send("DELETE", path, { token })), "NOT_FOUND");
  });
  await t.step("clear/ says how many, and deletes only when confirmed", async () => {
    const clear = async (confirm: boolean) =>
      (await app.send("DELETE", `${DLQ}/clear/`, { token, json: { status: "dead", confirm } }))
        .json();
    const asked = await clear(false);
    assertEquals([asked.confirmed, asked.deleted], [false, 0]);
    const done = await clear(true);
    assertEquals([done.confirmed, done.deleted], [true, asked.would_delete]);
  });
  await t.step("each change is in the audit log", async () => {
    const entries = itemsOf(await app.get("/api/v1/auth/audit", { token }));
    const actions = entries.map(({ action }) => String(action));
    assertEquals(
      actions.filter((action) => action.startsWith("task.") || action.startsWith("dlq.")).length >=
        3,
      true,
      actions.join(),
    );
  });
});

/** What a script sends whose variable is empty, or whose list was joined. */
const NO_NAMES = ["", " ", "*", "%", "Webhook.deliver", "webhook.deliver ", "a,b", "x".repeat(61)];

Deno.test("a name that no task can have is refused, and clears nothing", async (t) => {
  await using app = await openIdentityApp();
  const { token } = await app.person("admin");
  await withDead(app, 2);
  for (const name of NO_NAMES) {
    await t.step(`'${name}'`, async () => {
      const json = { name, confirm: true };
      const cleared = await app.send("DELETE", `${DLQ}/clear/`, { token, json });
      assertEquals([cleared.status, codeOf(cleared)], [422, "VALIDATION_FAILED"], cleared.text);
      const listed = await app.get(`${DLQ}/tasks/?name=${encodeURIComponent(name)}`, { token });
      assertEquals(codeOf(listed), "VALIDATION_FAILED");
      assertEquals(itemsOf(await app.get(`${DLQ}/tasks/`, { token })).length, 2);
    });
  }
});
