/** A mail API and an SMTP server on 127.0.0.1 that do what a recipient's name says. */
import { SMTPServer } from "smtp-server";
import { parseConfig } from "../../src/config.ts";
import { createMailer, type Mailer } from "../../src/mail/mailer.ts";
import { systemClock } from "../../src/time.ts";

export interface Received {
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

const TIMEOUT_MS = 300;
const FROM = "Shop <shop@morrow.test>";

export function mailer(env: Record<string, string>, timeoutMs = TIMEOUT_MS): Mailer {
  const config = parseConfig({ MAIL_FROM: FROM, ...env });
  return createMailer({ config, fetch, clock: systemClock, timeoutMs });
}

/** Answers `500@…` with status 500, and so on; `slow@…` not at all, `drip@…` without an end. */
export function startApi() {
  const received: Received[] = [];
  const late = Promise.withResolvers<Response>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const body = await request.json();
    received.push({ headers: request.headers, body });
    const [name] = String(body.to ?? body.To).split("@");
    if (name === "slow") return late.promise;
    if (name === "drip") {
      return new Response(
        new ReadableStream({ start: (begun) => begun.enqueue(new Uint8Array(1)) }),
      );
    }
    if (name === "ok") return Response.json({ id: "m-1", MessageID: "m-2" });
    const headers = { "retry-after": "7" };
    return new Response(`{"message":"no"}${" ".repeat(100_000)}`, {
      status: Number(name),
      headers,
    });
  });
  const url = `http://127.0.0.1:${server.addr.port}/emails`;
  return {
    url,
    received,
    env: { MAIL_API_URL: url, MAIL_API_KEY: "key-1" },
    async [Symbol.asyncDispose]() {
      late.resolve(new Response(null));
      await server.shutdown();
    },
  };
}

export interface SmtpOptions {
  /** A free one when absent. */
  readonly port?: number;
  /** Puts each recipient off with 451 until so long after it was first named. */
  readonly greylist?: { readonly forMs: number; readonly now: () => number };
}

/** Refuses `550@…` for good and `451@…` for now; whoever is no `ann:right` may not send. */
export async function startSmtp({ port: wanted = 0, greylist }: SmtpOptions = {}) {
  const firstSeen = new Map<string, number>();
  let putOff = 0;
  let rightPassword = "right";
  const isTooEarly = (address: string) => {
    if (!greylist) return false;
    const now = greylist.now();
    const since = firstSeen.get(address) ?? now;
    firstSeen.set(address, since);
    return now - since < greylist.forMs;
  };
  const messages: string[] = [];
  const recipients: string[][] = [];
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    logger: false,
    onAuth({ username, password }, _session, callback) {
      if (username === "ann" && password === rightPassword) callback(null, { user: username });
      else callback(new Error("no such login"));
    },
    onRcptTo({ address }, _session, callback) {
      const named = Number(address.split("@")[0]);
      const isPutOff = Number.isNaN(named) && isTooEarly(address);
      if (isPutOff) putOff++;
      const code = isPutOff ? 451 : named;
      if (Number.isNaN(code)) callback();
      else callback(Object.assign(new Error("not here"), { responseCode: code }));
    },
    onData(stream, { envelope }, callback) {
      let message = "";
      stream.on("data", (chunk: Uint8Array) => message += new TextDecoder().decode(chunk));
      stream.on("end", () => {
        messages.push(message);
        recipients.push(envelope.rcptTo.map(({ address }) => address));
        callback();
      });
    },
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(wanted, "127.0.0.1", resolve));
  const address = server.server.address();
  const port = address && typeof address === "object" ? address.port : 0;
  return {
    messages,
    /** Who was to get each of them. */
    recipients,
    /** Times that a recipient was greylisted. */
    get putOff() {
      return putOff;
    },
    changePassword: (password: string) => void (rightPassword = password),
    url: (login = "ann:right") => `smtp://${login}@127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** A port that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Takes connections and says nothing. */
export function startSilent() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const held: Deno.Conn[] = [];
  const accept = async () => {
    for await (const connection of listener) held.push(connection);
  };
  const accepted = accept().catch(() => {});
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of held) connection.close();
      await accepted;
    },
  };
}
