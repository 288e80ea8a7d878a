/**
 * A real Chromium for the journeys, and a watch on everything a page could complain about. Without
 * Chromium a journey fails: what nobody has looked at in a browser has not been tested.
 */
import { assertEquals } from "@std/assert";
import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { findChromium } from "./_chromium.ts";

const QUIET = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-domain-reliability",
  "--disable-sync",
  "--no-first-run",
  "--no-pings",
];

// Text, because it runs in the page, whose names Deno's types do not know.
const TELL_BREACHES = `addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP: " + event.violatedDirective + " " + event.blockedURI))`;

const RUN_AXE = `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations.map(({ id, nodes }) =>
    id + ": " + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | ")))`;

/** Starts Chromium. Throws, and says how to get it, when there is none. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, env } = await findChromium();
  // It ends with us: its debugging pipe closes whatever ends this process.
  return await chromium.launch({
    executablePath,
    env: { ...Deno.env.toObject(), ...env },
    args: QUIET,
  });
}

export interface Watch {
  /** Lets this answer's status pass, which the console would report as an error. */
  expectStatus(status: number): void;
  /** Fails when a page complained of anything. */
  assertSilent(): void;
}

/** Notes console errors, script errors, failed requests, refusals and breaches of the CSP. */
export async function watch(context: BrowserContext): Promise<Watch> {
  const complaints: string[] = [];
  const expected = new Set<number>();
  // Told through the console, where the next lines hear it.
  await context.addInitScript({ content: TELL_BREACHES });
  context.on("console", (message) => {
    const text = message.text();
    const status = Number(/the server responded with a status of (\d+)/.exec(text)?.[1]);
    if (message.type() === "error" && !expected.has(status)) complaints.push(`console: ${text}`);
  });
  context.on("weberror", (error) => complaints.push(`script: ${error.error().message}`));
  context.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText;
    // A page that is left gives up what it was still loading.
    if (reason !== "net::ERR_ABORTED") complaints.push(`failed: ${request.url()} ${reason}`);
  });
  context.on("response", (response) => {
    const status = response.status();
    if (status >= 400 && !expected.has(status)) complaints.push(`${status}: ${response.url()}`);
  });
  return {
    expectStatus: (status) => void expected.add(status),
    assertSilent: () => assertEquals(complaints, []),
  };
}

/** Fails when axe finds anything wrong, by the rules of WCAG 2.2 AA and its best practices. */
export async function assertAccessible(page: Page, name: string): Promise<void> {
  await page.evaluate(axe.source);
  const findings = await page.evaluate<string[]>(RUN_AXE);
  assertEquals(findings, [], `axe on ${name}`);
}

/** Fails when the page is wider than the screen, so that one would have to scroll sideways. */
export async function assertFits(page: Page, name: string): Promise<void> {
  const excess = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
  assertEquals(Math.max(0, excess), 0, `${name} is wider than the screen`);
}
