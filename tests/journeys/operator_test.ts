/** A new operator sets Gatehouse up in Chromium: on phone and desk, with script and without. */
import { assertEquals, assertMatch } from "@std/assert";
import type { Browser } from "playwright-core";
import { serveTestApp } from "../_app.ts";
import { launchBrowser } from "../_browser.ts";
import { walkOperator } from "./_operator_journey.ts";
import { start } from "./_processes.ts";

/** Every width, scheme and kind of browser meets every other; one walks by keyboard alone. */
const WALKS = [
  { width: 360, colorScheme: "light", script: true, keyboard: false },
  { width: 1280, colorScheme: "dark", script: true, keyboard: true },
  { width: 360, colorScheme: "dark", script: false, keyboard: false },
  { width: 1280, colorScheme: "light", script: false, keyboard: false },
] as const;

/** An operator mistypes, and the walk is quicker than any person. */
const ROOMY = { LIMIT_AUTH: "ip:1000/5m,account:1000/5m", LIMIT_STORE: "ip:100000/1m" };

async function walk(browser: Browser, walk: typeof WALKS[number]): Promise<void> {
  await using app = await serveTestApp(ROOMY);
  const token = await app.services.identity.setup.openLink();
  const link = `${app.url}/admin/setup/${token}`;
  // A folder for pictures, for whoever wants to look.
  const shots = Deno.env.get("SHOTS");
  await walkOperator({ ...walk, browser, baseUrl: app.url, link, shots });
  const reported = [...app.services.metrics.cspReports.counts.values()];
  assertEquals(reported.reduce((sum, count) => sum + count, 0), 0, "CSP reports");
}

Deno.test("an operator goes from the set-up link to a report read with a key", async () => {
  const browser = await launchBrowser();
  try {
    const ends = await Promise.allSettled(WALKS.map((one) => walk(browser, one)));
    const stumbles = ends.flatMap((end, index) =>
      end.status === "rejected" ? [{ ...WALKS[index], reason: end.reason }] : []
    );
    assertEquals(stumbles, []);
  } finally {
    await browser.close();
  }
});

Deno.test({
  name: "the first start prints a link to the set-up form",
  // The process's pipes outlive the test by a moment.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const env = { PORT: "0", KV_PATH: ":memory:", DENO_DEPLOY: "" };
    await using started = await start("../../main.ts", env, /setup\.link/);
    const { open, valid_minutes } = JSON.parse(started.line);
    assertMatch(open, /^http:\/\/127\.0\.0\.1:\d+\/admin\/setup\/[\w-]{43}$/);
    assertEquals(valid_minutes, 15);
    const form = await fetch(open);
    assertEquals(form.status, 200);
    assertMatch(await form.text(), /Set up the first admin/);
  },
});
