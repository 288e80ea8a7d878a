/** A real browser on somebody else's page that attacks the shop in its visitors' names. */
import { assert, assertEquals } from "@std/assert";
import { serveTestApp } from "../_app.ts";
import { launchBrowser } from "../_browser.ts";
import { FILE, SCRIPT, searchFor, SQL } from "../routes/_attacks.ts";

const TIMEOUT_MS = 15_000;

/** Everything a page can do with an address without being asked. */
function attackingPage(shop: string): string {
  const [sql, script, file] = [SQL, SCRIPT, FILE].map((text) => shop + searchFor(text));
  return `<!doctype html><title>Kittens</title>
    <img src="${sql}"><img src="${script}" referrerpolicy="no-referrer"><script src="${file}"></script>
    <link rel="stylesheet" href="${sql}"><iframe src="${script}"></iframe>
    <video src="${sql}"></video><object data="${file}"></object>
    <form id="f" method="post" target="frame" action="${shop}/us/orders">
      <input name="email" value="1' UNION SELECT name FROM users--"></form>
    <iframe name="frame"></iframe>
    <script>
      fetch("${sql}", { mode: "no-cors" }).catch(() => {});
      fetch("${script}").catch(() => {});
      for (let at = 0; at < 12; at++) new Image().src = "${shop}/us/none-" + at;
      f.submit();
    </script>
    <a id="away" href="${script}">More kittens</a>`;
}

Deno.test({
  name: "a foreign page's attacks are refused, and its visitor goes on shopping",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using shop = await serveTestApp({ LIMIT_STORE: "ip:100000/1m" });
    const answer = () =>
      new Response(attackingPage(shop.url), { headers: { "content-type": "text/html" } });
    const evil = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, answer);
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(TIMEOUT_MS);
      const asked: string[] = [];
      page.on("response", (response) => {
        if (response.url().startsWith(shop.url)) asked.push(`${response.status()}`);
      });
      // Another port is the same site to a browser; another name is another site.
      await page.goto(`http://localhost:${evil.addr.port}/`, { waitUntil: "networkidle" });
      // A browser keeps most of these answers from the page, so they are counted here.
      const { events } = await shop.services.incidents.report({ from: 0, to: Date.now() });
      assert(events.threat >= 6, `${events.threat} refused`);

      const before = asked.length;
      await page.click("#away");
      await page.waitForLoadState("networkidle");
      assertEquals(asked.slice(before), ["403"], "the refusal loads nothing");
      assertEquals(await page.textContent("h1"), "This request was refused");
      const dress = "getComputedStyle(document.querySelector('main')).borderTopWidth";
      assertEquals(await page.evaluate(dress), "4px", "and is dressed");

      const shown = await page.goto(`${shop.url}/us/products`);
      assertEquals(shown?.status(), 200, "not blocked");
      assertEquals(shop.services.suspicion.riskOf("127.0.0.1"), 0);
    } finally {
      await browser.close();
      await evil.shutdown();
    }
  },
});
