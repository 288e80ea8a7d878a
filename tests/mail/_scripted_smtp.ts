/**
 * An SMTP server that says at each step what it is told to, as real ones do on their bad days:
 * another reply, the end of the connection, or nothing at all.
 */

/** The moments at which a client waits for a reply. */
export type Step = "greeting" | "EHLO" | "STARTTLS" | "AUTH" | "MAIL" | "RCPT" | "DATA" | "text";

/** A whole reply such as `450 4.2.1 later`, or what happens in place of one. */
export type Reply = string | "drop" | "silence";

const USUAL: Readonly<Record<Step, string>> = {
  greeting: "220 here.test",
  EHLO: "250-here.test\r\n250 AUTH PLAIN",
  STARTTLS: "220 go on",
  AUTH: "235 welcome",
  MAIL: "250 ok",
  RCPT: "250 ok",
  DATA: "354 go on",
  text: "250 taken",
};

export function startScriptedSmtp(replies: Partial<Record<Step, Reply>>) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const texts: string[] = [];
  const open = new Set<Deno.Conn>();

  const converse = async (connection: Deno.Conn) => {
    const say = async (step: Step) => {
      const reply = replies[step] ?? USUAL[step];
      if (reply === "drop") throw new Error("dropped");
      if (reply !== "silence") await connection.write(new TextEncoder().encode(`${reply}\r\n`));
      return reply.startsWith("354");
    };
    let isText = false;
    let text = "";
    await say("greeting");
    const decoder = new TextDecoder();
    for await (const chunk of connection.readable) {
      text += decoder.decode(chunk, { stream: true });
      if (isText && text.endsWith("\r\n.\r\n")) {
        texts.push(text);
        [text, isText] = ["", false];
        await say("text");
      } else if (!isText && text.endsWith("\r\n")) {
        const verb = text.slice(0, 8).trim().split(" ", 1)[0].toUpperCase();
        text = "";
        if (verb in USUAL) isText = await say(verb as Step) && verb === "DATA";
      }
    }
  };

  const accept = async () => {
    for await (const connection of listener) {
      open.add(connection);
      converse(connection).catch(() => {}).finally(() => {
        open.delete(connection);
        try {
          connection.close();
        } catch {
          // The client was first.
        }
      });
    }
  };
  const accepted = accept().catch(() => {});
  return {
    /** Mails whose whole text came, whatever was replied to it. */
    texts,
    url: `smtp://ann:right@127.0.0.1:${listener.addr.port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) {
        try {
          connection.close();
        } catch {
          // It ended by itself.
        }
      }
      await accepted;
    },
  };
}
