/**
 * Real apps behind the gate with defaults, used in a real browser: a person signs in, saves and
 * signs out, and nothing may be refused or lead around the gate. Installs what it needs, prints a
 * line for each, and leaves no file or process behind. Needs Debian, root or its packages, and
 * PyPI.
 *
 *     deno task test:apps [WordPress] [Django]
 */
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../_browser.ts";
import { freePort } from "../gateway/_process.ts";
import { startDjango } from "./django.ts";
import { visitDjangoAdmin, visitDjangoSite } from "./django_visit.ts";
import { startGate } from "./gate.ts";
import type { App } from "./process.ts";
import { openVisitor } from "./visitor.ts";
import { startWordPress } from "./wordpress.ts";
import { binWordPressPost, visitWordPress } from "./wordpress_visit.ts";

interface Walk {
  readonly name: string;
  readonly go: (page: Page) => Promise<void>;
  /** Settings of the gate beside `ORIGIN_URL`. */
  readonly settings?: Readonly<Record<string, string>>;
}

interface Trial {
  readonly start: (folder: string) => Promise<App>;
  readonly walks: readonly Walk[];
  /** Hosts that its pages load something from by themselves. */
  readonly foreign?: RegExp;
}

const TRIALS: Readonly<Record<string, Trial>> = {
  WordPress: {
    start: startWordPress,
    foreign: /(?:^|\.)gravatar\.com$|(?:^|\.)w\.org$/,
    walks: [
      { name: "installed, signed in, posted, uploaded, commented, signed out", go: visitWordPress },
      { name: "a post put into the bin", go: binWordPressPost },
    ],
  },
  Django: {
    start: startDjango,
    walks: [
      { name: "its own pages: signed in, saved, signed out", go: visitDjangoSite },
      {
        name: "its admin, with BASE_PATH=/_gatehouse: signed in, saved, signed out",
        go: visitDjangoAdmin,
        settings: { BASE_PATH: "/_gatehouse" },
      },
    ],
  },
};

const all = Object.keys(TRIALS);
const names = Deno.args.length > 0 ? Deno.args : all;
const unknown = names.find((name) => !all.includes(name));
if (unknown) throw new Error(`Cannot try '${unknown}': there are ${all.join(" and ")}`);
const browser = await launchBrowser();
try {
  for (const name of names) {
    const folder = await Deno.makeTempDir({ prefix: "gatehouse_apps_" });
    try {
      await tryOut(browser, name, TRIALS[name], folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
} finally {
  await browser.close();
}

async function tryOut(browser: Browser, name: string, trial: Trial, folder: string): Promise<void> {
  const startedAt = performance.now();
  await using app = await trial.start(folder);
  // An app that remembers where it lives finds the gate there on every walk.
  const port = freePort();
  console.log(`${name}: installed and started in ${seconds(startedAt)}`);
  for (const walk of trial.walks) {
    const walkedAt = performance.now();
    const count = await walkThrough(browser, app, port, trial.foreign, walk);
    console.log(`${name}, ${walk.name}: ok, ${count} requests, ${seconds(walkedAt)}`);
  }
}

async function walkThrough(
  browser: Browser,
  app: App,
  port: number,
  foreign: RegExp | undefined,
  walk: Walk,
): Promise<number> {
  await using gate = await startGate(app.url, { PORT: String(port), ...walk.settings });
  const visit = { url: gate.url, originUrl: app.url, foreign };
  await using visitor = await openVisitor(browser, visit);
  // Why somebody got no further is seldom in the place where they stopped.
  const stumble = await walk.go(visitor.page).then(() => [], (error) => [
    `${error}\nat ${visitor.page.url()}`,
  ]);
  const complaints = [...stumble, ...await visitor.complaints(), ...await gate.complaints()];
  if (complaints.length > 0) {
    throw new Error(
      `${app.name}, ${walk.name}:\n${complaints.join("\n")}\n${app.output().slice(-1_000)}`,
    );
  }
  return visitor.count;
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1_000).toFixed(1)} s`;
}
