/**
 * A person uses the shop, from the first page to the order, in a real browser. It knows only the
 * address, so it can walk through the shop alone or through the whole app.
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Browser, BrowserContext, Page, Response } from "playwright-core";
import { type Country, findCountry } from "../../src/origin/demo/countries.ts";
import { say } from "../../src/origin/demo/words.ts";
import { assertAccessible, assertFits, watch } from "../_browser.ts";

export interface ShopJourney {
  readonly browser: Browser;
  /** Such as `http://127.0.0.1:8000`, without a slash at the end. */
  readonly baseUrl: string;
  /** Code of the country. */
  readonly country: string;
  /** Pixels. */
  readonly width: number;
  readonly colorScheme: "light" | "dark";
  /** Whether the browser runs scripts. */
  readonly script: boolean;
  /** Whether every page is asked for faults of accessibility; costs as much as all the rest. */
  readonly audit: boolean;
  /** Folder for a picture of each page; none are taken without it. */
  readonly shots?: string;
}

/** The heaviest page may weigh this much before compression. */
const PAGE_BYTES_MAX = 60 * 1024;

const ADDRESS: Readonly<Record<string, string>> = {
  name: "Ada Lovelace",
  email: "ada@example.org",
  street: "12 Rose Lane",
  city: "Marylebone",
  region: "XX",
};

interface Walk extends ShopJourney {
  readonly page: Page;
  readonly land: Country;
}

/** Walks through the shop; throws at the first thing a person would stumble over. */
export async function walkShop(journey: ShopJourney): Promise<void> {
  const { browser, country, width, colorScheme, script: javaScriptEnabled } = journey;
  const land = findCountry(country);
  if (!land) throw new Error(`There is no shop in "${country}"`);
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme,
    javaScriptEnabled,
    locale: land.locale,
  });
  try {
    const watched = await watch(context);
    const page = await context.newPage();
    const walk: Walk = { ...journey, page, land };
    await enter(walk);
    await search(walk);
    await chooseLamp(walk);
    await addMug(walk);
    await changeCart(walk);
    watched.expectStatus(422);
    await checkOut(walk);
    await lookBack(walk, context);
    watched.expectStatus(404);
    await loseTheWay(walk);
    watched.assertSilent();
  } finally {
    await context.close();
  }
}

/** What is asked of every page. */
async function inspect({ page, script, audit, shots, country, width }: Walk, name: string) {
  if (shots) {
    await page.screenshot({ path: `${shots}/${name}-${country}-${width}.png`, fullPage: true });
  }
  // Without script the page cannot be asked; it is the same page.
  if (!script) return;
  await assertFits(page, name);
  if (audit) await assertAccessible(page, name);
}

async function assertLight(response: Response | null) {
  const { byteLength } = await response?.body() ?? { byteLength: Infinity };
  assertEquals(byteLength <= PAGE_BYTES_MAX, true, `${response?.url()}: ${byteLength} bytes`);
}

async function enter(walk: Walk) {
  const { page, baseUrl, country, land } = walk;
  await assertLight(await page.goto(`${baseUrl}/`));
  assertEquals(await page.locator(".door").count(), 7);
  assertEquals(await page.locator("h1").innerText(), say(land, "landing_title"));
  await inspect(walk, "first");
  await page.locator(".door.suggested a").click();
  await page.waitForURL(`${baseUrl}/${country}/products`);
  await assertLight(await page.reload());
  assertEquals(await page.locator(".card").count(), 24);
  await inspect(walk, "shelf");
}

async function search(walk: Walk) {
  const { page, baseUrl, country, script } = walk;
  const field = page.locator("#q");
  await field.pressSequentially("lamp", { delay: 20 });
  // With script the answer comes while one types; the page is not left.
  if (!script) await field.press("Enter");
  await page.waitForURL(`${baseUrl}/${country}/products?q=lamp`);
  await page.locator(".card", { hasText: "Hollis" }).waitFor();
  const found = await page.locator(".card").count();
  assertEquals(found > 2 && found < 10, true, `${found} lamps`);
  assertEquals(await field.inputValue(), "lamp");
  await inspect(walk, "search");
}

async function chooseLamp(walk: Walk) {
  const { page, baseUrl, country, land } = walk;
  await page.locator(".card-link", { hasText: "Hollis" }).click();
  await page.waitForURL(`${baseUrl}/${country}/products/hollis-table-lamp`);
  assertEquals(await page.locator("h1").innerText(), "Hollis");
  assertEquals(await page.locator(".kind").innerText(), land.products["hollis-table-lamp"].kind);
  await inspect(walk, "product");
  await page.locator("#quantity").selectOption("2");
  await page.locator(".buy button").click();
  await assertAdded(walk, "Hollis", 2);
}

async function addMug(walk: Walk) {
  const { page, baseUrl, country } = walk;
  await page.goto(`${baseUrl}/${country}/products?category=table`);
  await page.locator(".card", { hasText: "Mara" }).locator(".quick button").click();
  await assertAdded(walk, "Mara", 3);
}

/** With script one stays and is told; without, one is taken to the cart and told there. */
async function assertAdded({ page, land, script }: Walk, name: string, count: number) {
  const told = page.locator(script ? "#toast" : ".notice.good");
  await told.waitFor();
  assertStringIncludes(await told.innerText(), say(land, "cart_added", { name }));
  assertEquals(await page.locator("#cart-count").innerText(), String(count));
}

async function changeCart(walk: Walk) {
  const { page, script, baseUrl, country } = walk;
  await page.locator("#cart-link").click();
  await page.waitForURL(`${baseUrl}/${country}/cart`);
  assertEquals(await page.locator(".line").count(), 2);
  await inspect(walk, "cart");
  await page.locator("#quantity-hollis-table-lamp").selectOption("1");
  if (!script) {
    await page.locator(".line", { hasText: "Hollis" }).locator("[value=update]").click();
  }
  await page.locator("#cart-count", { hasText: "2" }).waitFor();
  await page.locator(".line", { hasText: "Mara" }).locator("[value=remove]").click();
  await page.locator("#cart-count", { hasText: "1" }).waitFor();
  assertEquals(await page.locator(".line").count(), 1);
}

async function checkOut(walk: Walk) {
  const { page, baseUrl, country, land } = walk;
  await page.locator(`a[href="/${country}/checkout"]`).click();
  await page.waitForURL(`${baseUrl}/${country}/checkout`);
  await inspect(walk, "checkout");
  await page.locator("#email").fill("nobody");
  await page.locator("aside button").click();
  await page.locator(".notice.bad").waitFor();
  assertEquals(await page.locator("[aria-invalid]").count(), 2 + land.address.length);
  assertEquals(await page.locator("#email").inputValue(), "nobody");
  await inspect(walk, "checkout-errors");
  const values: Readonly<Record<string, string>> = { ...ADDRESS, postcode: land.postcode.example };
  for (const field of ["name", "email", ...land.address] as const) {
    await page.locator(`#${field}`).fill(values[field]);
  }
  await page.locator(`[value=${land.payments[1]}]`).check();
  await page.locator("aside button").click();
  await page.waitForURL(/\/orders\/M-\w{4}-\w{4}\?placed$/);
  assertEquals(
    await page.locator("h1").innerText(),
    say(land, "order_thanks", { name: "Ada Lovelace" }),
  );
  assertEquals(await page.locator("#cart-count").isVisible(), false);
  await inspect(walk, "order");
}

async function lookBack(walk: Walk, context: BrowserContext) {
  const { page, baseUrl, country } = walk;
  const number = new URL(page.url()).pathname.split("/")[3];
  await page.locator(`a[href="/${country}/orders"]`).click();
  await page.waitForURL(`${baseUrl}/${country}/orders`);
  assertEquals(await page.locator(".order").count(), 1);
  assertMatch(await page.locator(".order a").innerText(), new RegExp(number));
  await inspect(walk, "orders");
  await page.locator(".order a").click();
  await page.waitForURL(`${baseUrl}/${country}/orders/${number}`);
  for (const { name, httpOnly, sameSite } of await context.cookies()) {
    assertEquals([httpOnly, sameSite], [true, "Lax"], name);
  }
}

async function loseTheWay(walk: Walk) {
  const { page, baseUrl, country, land } = walk;
  await page.goto(`${baseUrl}/${country}/products/no-such-thing`);
  assertEquals(await page.locator("h1").innerText(), say(land, "error_not_found"));
  await inspect(walk, "lost");
  await page.locator(".nothing .button").click();
  await page.waitForURL(`${baseUrl}/${country}/products`);
}
