/** A real mail server that is away, comes back, and first puts everybody off; in the task's time. */
import { assert, assertEquals } from "@std/assert";
import { categorize } from "../../src/errors/categorize.ts";
import type { Tasks } from "../../src/tasks/tasks.ts";
import { defineTask } from "../../src/tasks/define.ts";
import { DAY, MINUTE, SECOND } from "../../src/time.ts";
import { type Bed, createBed, numbered, until } from "../tasks/_bed.ts";
import { freePort, mailer, startSmtp } from "./_servers.ts";

const MAILS = 15;

/** The clock goes on only while no mail is under way: the server is real, the time is not. */
async function goOn(bed: Bed, tasks: Tasks, ms: number, isDone = () => false): Promise<void> {
  for (let leftMs = ms; leftMs > 0 && !isDone(); leftMs -= SECOND) {
    await bed.turn(SECOND);
    await until(() => tasks.running === 0);
  }
}

Deno.test("three minutes without SMTP and a minute of greylisting lose no mail, nobody doing anything", async () => {
  await using bed = await createBed();
  const port = freePort();
  const sender = mailer({ SMTP_URL: `smtp://ann:right@127.0.0.1:${port}` }, 5_000);
  const task = defineTask({
    name: "shop.order_mail",
    schema: numbered,
    retry: { forMs: DAY },
    concurrency: 5,
    run: async ({ n }, { id, signal }) => {
      await sender.send({ to: `a${n}@here.test`, subject: `${n}`, text: "Thank you", id }, signal);
    },
  });
  const tasks = bed.isolate([task], { categorize });
  tasks.start();
  for (let n = 0; n < MAILS; n++) await tasks.enqueue(task, { n });
  await goOn(bed, tasks, 3 * MINUTE);
  assertEquals((await tasks.counts()).dead, 0);

  await using smtp = await startSmtp({
    port,
    greylist: { forMs: MINUTE, now: () => bed.clock.now() },
  });
  const backAt = bed.clock.now();
  await goOn(bed, tasks, 10 * MINUTE, () => smtp.messages.length === MAILS);
  assertEquals(new Set(smtp.recipients.flat()).size, MAILS);
  assertEquals(smtp.messages.length, MAILS);
  assertEquals((await tasks.deadLetters.list()).items, []);
  assert(bed.clock.now() - backAt <= 3.5 * MINUTE, `${bed.clock.now() - backAt} ms`);
  assert(smtp.putOff <= 3 * MAILS, `${smtp.putOff} were put off`);
});
