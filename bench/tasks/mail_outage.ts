/**
 * The whole app as a process, a real mail server, real time: a hundred orders while the server is
 * away for three minutes, then a minute of greylisting for each recipient. Nobody does anything.
 */
import { fileURLToPath } from "node:url";
import { freePort, startSmtp } from "../../tests/mail/_servers.ts";
import { startGateway } from "../../tests/journeys/_processes.ts";
import { US_CHECKOUT } from "../../tests/origin/demo/_shop.ts";

export interface MailOutage {
  readonly ordered: number;
  readonly delivered: number;
  /** Mails that came more than once. */
  readonly twice: number;
  /** How often a recipient was put off with 451. */
  readonly putOff: number;
  /** Seconds from the server's return to the last of the mails; and to half of them. */
  readonly lastSeconds: number;
  readonly halfSeconds: number;
  /** What `deno task dlq list` says at the end: one line a reason. */
  readonly dead: readonly string[];
}

const ORDERS = 100;
/** Recipients that the server refuses for good. */
const HOPELESS = ["550@shop.test", "553@shop.test", "554@shop.test"];
/** The shop keeps 50 orders of one, so they are several. */
const CUSTOMERS = ["ada-token-1", "ben-token-1", "cai-token-1", "dee-token-1", "eve-token-1"];
const AWAY_MS = 180_000;
const GREYLIST_MS = 60_000;
const PATIENCE_MS = 270_000;
const LOOK_MS = 500;

const DLQ = fileURLToPath(new URL("../../ops/dlq.ts", import.meta.url));

export async function measureMailOutage(): Promise<MailOutage> {
  const folder = await Deno.makeTempDir({ prefix: "gatehouse_mail_" });
  const port = freePort();
  const env = {
    KV_PATH: `${folder}/kv.sqlite3`,
    SMTP_URL: `smtp://ann:right@127.0.0.1:${port}`,
    MAIL_FROM: "shop@morrow.test",
    LOG_LEVEL: "warn",
  };
  try {
    await using app = await startGateway({ ...env, LOG_LEVEL: "info" });
    const emails = [...Array.from({ length: ORDERS }, (_, n) => `a${n}@shop.test`), ...HOPELESS];
    for (const [n, email] of emails.entries()) await order(app.url, CUSTOMERS[n % 5], email);
    await sleep(AWAY_MS);
    await using smtp = await startSmtp({ port, greylist: { forMs: GREYLIST_MS, now: Date.now } });
    const times = await watch(smtp.recipients);
    const to = smtp.recipients.flat();
    return {
      ordered: ORDERS,
      delivered: new Set(to).size,
      twice: to.length - new Set(to).size,
      putOff: smtp.putOff,
      lastSeconds: times.at(-1) ?? NaN,
      halfSeconds: times[Math.floor(times.length / 2)],
      dead: await deadLetters(env),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Seconds after which each mail came, until all have or patience ends. */
async function watch(recipients: readonly unknown[]): Promise<number[]> {
  const startedAt = Date.now();
  const times: number[] = [];
  while (times.length < ORDERS && Date.now() - startedAt < PATIENCE_MS) {
    await sleep(LOOK_MS);
    while (times.length < recipients.length) times.push((Date.now() - startedAt) / 1_000);
  }
  return times;
}

async function order(url: string, token: string, email: string): Promise<void> {
  const response = await fetch(`${url}/us/orders`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json",
    },
    body: JSON.stringify({
      ...US_CHECKOUT,
      items: [{ product_id: "mara-mug", quantity: 1 }],
      email,
    }),
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`The order was answered ${response.status} ${text}`);
}

async function deadLetters(env: Record<string, string>): Promise<string[]> {
  const list = new Deno.Command(Deno.execPath(), { args: ["run", "-A", DLQ, "list"], env });
  const { stdout } = await list.output();
  const lines = new TextDecoder().decode(stdout).split("\n").filter(Boolean);
  return lines.map((line) => {
    const { name, attempts, error } = JSON.parse(line);
    return `${name} after ${attempts} attempts: ${error.message}`;
  });
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
