/**
 * A person at a real browser, and what may not happen to them: an answer of 400 or above, a page or
 * a redirect that leads around the gate, a script that fails. Other sites are out of reach.
 */
import type { Browser, BrowserContext, Page, Response } from "playwright-core";

export interface Visitor extends AsyncDisposable {
  readonly page: Page;
  /** Requests that were answered. */
  readonly count: number;
  /** What went wrong so far. */
  complaints(): Promise<readonly string[]>;
}

export interface Visit {
  /** The gate's, the only host that a page may name or a browser ask. */
  readonly url: string;
  /** The app's own, which nobody outside may hear of. */
  readonly originUrl: string;
  /** Hosts that the app's pages load something from by themselves; they are not asked. */
  readonly foreign?: RegExp;
}

const PATIENCE_MS = 20_000;

export async function openVisitor(browser: Browser, visit: Visit): Promise<Visitor> {
  const context = await browser.newContext({ baseURL: visit.url });
  context.setDefaultTimeout(PATIENCE_MS);
  const found: string[] = [];
  const reading: Promise<void>[] = [];
  let count = 0;
  await keepInside(context, visit, found);
  context.on("weberror", (error) => found.push(`script: ${error.error().message}`));
  context.on("response", (response) => {
    count++;
    reading.push(
      examine(response, visit).then((complaint) => {
        if (complaint) found.push(`${complaint}: ${response.request().method()} ${response.url()}`);
      }),
    );
  });
  const page = await context.newPage();
  return {
    page,
    get count() {
      return count;
    },
    async complaints() {
      await Promise.all(reading);
      return found;
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}

async function keepInside(context: BrowserContext, visit: Visit, found: string[]): Promise<void> {
  const own = new URL(visit.url).host;
  await context.route((url) => url.host !== own && url.protocol.startsWith("http"), (route) => {
    const url = route.request().url();
    if (!visit.foreign?.test(new URL(url).hostname)) found.push(`leads around the gate: ${url}`);
    return route.abort();
  });
}

async function examine(response: Response, visit: Visit): Promise<string | undefined> {
  const status = response.status();
  const location = response.headers().location;
  const inner = new URL(visit.originUrl).host;
  if (status >= 400) return String(status);
  if (location && new URL(location, visit.url).origin !== visit.url) return `sent to ${location}`;
  if (response.request().resourceType() !== "document" || location) return;
  // A page that was left at once is no longer there to be read.
  const text = await response.text().catch(() => "");
  if (text.includes(inner)) return `names ${inner}`;
}
