/**
 * A new operator in a real browser: from the printed link to a key that reads a report. It knows
 * the address and the link, and whether to put the mouse away.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Browser, Page } from "playwright-core";
import { assertAccessible, assertFits, watch } from "../_browser.ts";

export interface OperatorJourney {
  readonly browser: Browser;
  readonly baseUrl: string;
  /** The set-up link, as the start prints it. */
  readonly link: string;
  /** Pixels. */
  readonly width: number;
  readonly colorScheme: "light" | "dark";
  /** Whether the browser runs scripts. */
  readonly script: boolean;
  /** Whether everything is reached by Tab, Space and Enter. */
  readonly keyboard: boolean;
  /** Folder for a picture of each page; none are taken without it. */
  readonly shots?: string;
}

const EMAIL = "ada@shop.example";
const PASSWORD = "seven green bottles on a wall";
/** More stops than any page of the console has. */
const STOPS_MAX = 40;

interface Walk extends OperatorJourney {
  readonly page: Page;
}

/** Walks to the end; throws at the first thing an operator would stumble over. */
export async function walkOperator(journey: OperatorJourney): Promise<void> {
  const { browser, width, colorScheme, script: javaScriptEnabled } = journey;
  const viewport = { width, height: 800 };
  const context = await browser.newContext({ viewport, colorScheme, javaScriptEnabled });
  try {
    const watched = await watch(context);
    const walk: Walk = { ...journey, page: await context.newPage() };
    watched.expectStatus(422);
    await setUp(walk);
    await signIn(walk);
    const key = await createKey(walk);
    await readReport(walk, key);
    await revokeKey(walk);
    await confirm(walk);
    await endOtherSignIn(walk);
    await signOut(walk);
    watched.expectStatus(404);
    await loseTheWay(walk);
    watched.assertSilent();
  } finally {
    await context.close();
  }
}

/** What is asked of every page. */
async function inspect({ page, script, shots, width, colorScheme }: Walk, name: string) {
  if (shots) {
    const path = `${shots}/${name}-${width}-${colorScheme}${script ? "" : "-bare"}.png`;
    await page.screenshot({ path, fullPage: true });
  }
  // Without script the page cannot be asked; it is the same page.
  if (!script) return;
  await assertFits(page, name);
  await assertAccessible(page, name);
}

/** Goes on to the element as this operator does: by Tab, or straight. */
async function reach({ page, keyboard }: Walk, selector: string) {
  if (!keyboard) return await page.locator(selector).focus();
  for (let stop = 0; stop < STOPS_MAX; stop++) {
    if (await page.locator(`${selector}:focus`).count() > 0) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${selector} on ${page.url()}`);
}

async function type(walk: Walk, selector: string, text: string) {
  await reach(walk, selector);
  await walk.page.locator(selector).fill("");
  await walk.page.keyboard.type(text);
}

async function press(walk: Walk, selector: string) {
  await reach(walk, selector);
  if (walk.keyboard) await walk.page.keyboard.press("Enter");
  else await walk.page.locator(selector).click();
}

const heading = ({ page }: Walk) => page.locator("h1").innerText();

async function setUp(walk: Walk) {
  const { page, link, baseUrl } = walk;
  await page.goto(link);
  assertEquals(await heading(walk), "Set up the first admin");
  await inspect(walk, "setup");
  await type(walk, "#email", EMAIL);
  await type(walk, "#password", "too short");
  await press(walk, "button[type=submit]");
  await page.locator("[role=alert]").waitFor();
  assertMatch(await page.locator("[role=alert]").innerText(), /at least 15 characters/);
  assertEquals(await page.locator("#email").inputValue(), EMAIL);
  await inspect(walk, "setup-wrong");
  await type(walk, "#password", PASSWORD);
  await press(walk, "button[type=submit]");
  await page.waitForURL(new RegExp(`^${baseUrl}/admin/login`));
}

async function signIn(walk: Walk, password = PASSWORD) {
  const { page, baseUrl } = walk;
  assertEquals(await heading(walk), "Sign in");
  await inspect(walk, "sign-in");
  await type(walk, "#email", EMAIL);
  await type(walk, "#password", "a wrong password");
  await press(walk, "button[type=submit]");
  await page.locator("[role=alert]").waitFor();
  assertEquals(await page.locator("#password").inputValue(), "");
  await inspect(walk, "sign-in-wrong");
  await type(walk, "#password", password);
  await press(walk, "button[type=submit]");
  await page.waitForURL(`${baseUrl}/admin`);
  assertStringIncludes(await page.locator("dl").innerText(), EMAIL);
  await inspect(walk, "account");
}

async function createKey(walk: Walk): Promise<string> {
  const { page, baseUrl, keyboard } = walk;
  await press(walk, "nav a[href='/admin/keys']");
  await page.waitForURL(`${baseUrl}/admin/keys`);
  await inspect(walk, "keys-none");
  await type(walk, "#name", "nightly report");
  await press(walk, "main > form button[type=submit]");
  await page.locator("[role=alert]").waitFor();
  await inspect(walk, "keys-wrong");
  assertEquals(
    await page.locator("#name").inputValue(),
    "nightly report",
    "what was typed is kept",
  );
  const box = "[value='audit:read']";
  await reach(walk, box);
  if (keyboard) await page.keyboard.press("Space");
  else await page.locator(box).check();
  await press(walk, "main > form button[type=submit]");
  const key = await page.locator("[role=status] code").innerText();
  assertMatch(key, /^gh_live_\w{38}$/);
  assertEquals(await page.locator(".rows li").count(), 1);
  await inspect(walk, "keys-made");
  return key;
}

/** As the operator's script does. */
async function readReport({ baseUrl }: Walk, key: string) {
  const headers = { authorization: `Bearer ${key}`, accept: "text/csv" };
  const answer = await fetch(`${baseUrl}/api/v1/auth/audit`, { headers });
  const lines = (await answer.text()).trimEnd().split("\r\n");
  assertEquals([answer.status, lines[0].split(",")[2]], [200, "action"]);
  const actions = lines.slice(1).map((line) => line.split(",")[2]);
  assertEquals(actions, ["api_key.create", "session.create", "setup.redeem"]);
}

async function revokeKey(walk: Walk) {
  const { page, baseUrl } = walk;
  await press(walk, "nav a[href='/admin/keys']");
  await page.locator("[role=status]").waitFor({ state: "detached" });
  assert(!(await page.content()).includes("gh_live_"), "the key is shown once");
  await press(walk, ".rows button");
  await page.locator(".rows", { hasText: "revoked" }).waitFor();
  assertEquals(page.url(), `${baseUrl}/admin/keys`);
  await inspect(walk, "keys-revoked");
}

async function confirm(walk: Walk) {
  const { page, baseUrl } = walk;
  await page.goto(`${baseUrl}/admin/confirm?next=/admin/keys`);
  await inspect(walk, "confirm");
  await type(walk, "#password", PASSWORD);
  await press(walk, "main > form button[type=submit]");
  await page.waitForURL(`${baseUrl}/admin/keys`);
}

async function endOtherSignIn(walk: Walk) {
  const { page, baseUrl } = walk;
  const body = JSON.stringify({ email: EMAIL, password: PASSWORD });
  const headers = { "content-type": "application/json", "user-agent": "curl/8.5.0" };
  const answer = await fetch(`${baseUrl}/api/v1/auth/login`, { method: "POST", headers, body });
  await answer.body?.cancel();
  await press(walk, "nav a[href='/admin']");
  await page.locator(".rows li", { hasText: "curl" }).waitFor();
  await inspect(walk, "account-two");
  await press(walk, ".rows button");
  await page.locator(".rows li", { hasText: "curl" }).waitFor({ state: "detached" });
}

async function signOut(walk: Walk) {
  const { page, baseUrl } = walk;
  await press(walk, "nav button");
  await page.waitForURL(`${baseUrl}/admin/login`);
  await page.goto(`${baseUrl}/admin/keys`);
  await page.waitForURL(`${baseUrl}/admin/login?next=%2Fadmin%2Fkeys`);
  await signInTo(walk, `${baseUrl}/admin/keys`);
}

async function signInTo(walk: Walk, url: string) {
  await type(walk, "#email", EMAIL);
  await type(walk, "#password", PASSWORD);
  await press(walk, "button[type=submit]");
  await walk.page.waitForURL(url);
}

async function loseTheWay(walk: Walk) {
  const { page, baseUrl, link } = walk;
  await page.goto(`${baseUrl}/admin/nothing`);
  assertEquals(await heading(walk), "There is nothing here");
  await inspect(walk, "lost");
  await page.goto(link);
  assertEquals(await heading(walk), "There is nothing here", "the link is good once");
}
