/**
 * People use the demo shop in Chromium: in each country, on phone and desk, with script and without.
 * It takes up to half a minute, because a real browser draws more than a hundred pages.
 */
import { assertEquals } from "@std/assert";
import { COUNTRIES } from "../../src/origin/demo/countries.ts";
import { serveTestApp } from "../_app.ts";
import { launchBrowser } from "../_browser.ts";
import { walkShop } from "./_shop_journey.ts";

/** Every country, width, scheme and kind of browser is walked, though not in every combination. */
const WALKS = COUNTRIES.map(({ code }, index) => ({
  country: code,
  width: index % 2 ? 360 : 1280,
  colorScheme: index % 4 < 2 ? "light" : "dark",
  script: index !== 2 && index !== 5,
  // The light desk and the dark phone: between them every page in every dress.
  audit: index === 0 || index === 3,
} as const));

/** Seven people at once from one address, each quicker than any person. */
const ROOMY = { LIMIT_STORE: "ip:100000/1m", LIMIT_ASSETS: "ip:100000/1m" };

Deno.test("the shop is used from the first page to the order in every country", async () => {
  await using app = await serveTestApp(ROOMY);
  const browser = await launchBrowser();
  try {
    // All at once, as they mostly wait: one after the other they take twice as long.
    const walks = WALKS.map((walk) => walkShop({ ...walk, browser, baseUrl: app.url }));
    const ends = await Promise.allSettled(walks);
    const stumbles = ends.flatMap((end, index) =>
      end.status === "rejected" ? [{ ...WALKS[index], reason: end.reason }] : []
    );
    assertEquals(stumbles, []);
  } finally {
    await browser.close();
  }
  const reported = [...app.services.metrics.cspReports.counts.values()];
  assertEquals(reported.reduce((sum, count) => sum + count), 0, "CSP reports");
});
