/**
 * The gate as somebody starts it who was told one setting, and what it held against its visitors:
 * read as an operator would, through the link of its first start and the API.
 */
import { start } from "./process.ts";
import { fileURLToPath } from "node:url";

export interface Gate extends AsyncDisposable {
  readonly url: string;
  /** Requests it refused, or would have, each with its signals; and every warning of its log. */
  complaints(): Promise<readonly string[]>;
}

/** The operator sits elsewhere than the visitors, so that a block of theirs does not meet him. */
const OPERATOR = { localAddress: "127.0.0.2" };

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** @param more Settings beside `ORIGIN_URL`: its port, and none else for the defaults. */
export async function startGate(
  originUrl: string,
  more: Readonly<Record<string, string>>,
): Promise<Gate> {
  const process = await start(Deno.execPath(), {
    args: ["run", "-A", "--quiet", MAIN],
    env: { ORIGIN_URL: originUrl, KV_PATH: ":memory:", ...more },
  }, /"event":"setup\.link","open":"([^"]+)\/admin\/setup\/([^"]+)"/);
  const [, base, token] = process.found;
  const readEvents = await createOperator(`${base}/api/v1`, token);
  const warnings = () =>
    process.output().split("\n").filter((line) =>
      /"level":"(?:warn|error)"/.test(line) && !line.includes('"kv.self_test"')
    );
  return {
    url: new URL(base).origin,
    complaints: async () => [...await readEvents(), ...warnings()],
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

interface SecurityEvent {
  readonly action: string;
}

/** Makes the one who set it up an account, who reads of everything but mere notes. */
async function createOperator(api: string, token: string): Promise<() => Promise<string[]>> {
  const account = { email: "operator@apps.example", password: crypto.randomUUID() };
  const ask = async (path: string, options: RequestInit) => {
    using client = Deno.createHttpClient(OPERATOR);
    const response = await fetch(`${api}${path}`, { ...options, client });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };
  const post = (path: string, body: unknown) =>
    ask(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  await post("/auth/setup", { token, ...account });
  const { access_token } = await post("/auth/login", account);
  return async () => {
    const headers = { authorization: `Bearer ${access_token}` };
    const page: { items: SecurityEvent[] } = await ask("/security/events?limit=100", { headers });
    return page.items.filter(({ action }) => action !== "note").map((event) =>
      JSON.stringify(event)
    );
  };
}
