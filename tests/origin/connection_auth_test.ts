import { assertEquals } from "@std/assert";
import type { GateContext } from "../../src/context.ts";
import { bindsConnection } from "../../src/origin/connection_auth.ts";
import { createProxy } from "../../src/origin/proxy.ts";

/** Values that leave a user on the connection, and ones that do not. */
const BINDING = [
  "NTLM",
  "NTLM TlRMTVNTUAAB",
  "ntlm TlRMTVNTUAAB",
  "Negotiate",
  "NEGOTIATE YIIGhgYGKwYB",
  "nEgOtIaTe\tYIIG",
  "Kerberos YIIG",
  "Nego2 YIIG",
  "Pku2u YIIG",
  "CredSSP TlRM",
  'Basic realm="a", NTLM',
  'Basic realm="a",Negotiate',
  "Basic dTpw, NTLM TlRM",
  'Negotiate, Basic realm="ntlm"',
];
const OF_ONE_REQUEST = [
  "Basic dTpw",
  "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x",
  'Digest username="u", realm="r"',
  "Bearer ntlm",
  "NTLMx abc",
  "Negotiated",
  "",
];

Deno.test("bindsConnection knows the schemes of a connection in every spelling", () => {
  for (const field of BINDING) assertEquals(bindsConnection(field), true, field);
  for (const field of OF_ONE_REQUEST) assertEquals(bindsConnection(field), false, field);
  assertEquals(bindsConnection(null), false);
});

const gate: GateContext = {
  requestId: "r-1",
  path: "/",
  client: { ip: "203.0.113.9", subject: "", peer: "203.0.113.9", viaTrustedProxy: false },
  scheme: "http",
  host: "shop.example",
  nonce: () => "",
  remoteAddr: { transport: "tcp", hostname: "203.0.113.9", port: 1 },
};

/** An origin that takes whoever signed in on a connection for its user, as IIS does. */
function startBinding(challenge: string) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const speak = async (connection: Deno.Conn) => {
    const buffer = new Uint8Array(65_536);
    let user = "nobody";
    try {
      for (
        let count = await connection.read(buffer);
        count;
        count = await connection.read(buffer)
      ) {
        const request = new TextDecoder().decode(buffer.subarray(0, count));
        const [, authorization] = /^authorization: (.*)\r$/m.exec(request) ?? [];
        if (authorization) user = authorization;
        const field = request.startsWith("GET /challenge") ? `${challenge}\r\n` : "";
        const head = `HTTP/1.1 200 OK\r\n${field}Content-Length: ${user.length}\r\n\r\n`;
        await connection.write(new TextEncoder().encode(head + user));
        if (field) user = "whoever was challenged";
      }
    } catch {
      // The gate hung up, which is what this is about.
    } finally {
      connection.close();
    }
  };
  const speaking: Promise<void>[] = [];
  const served = (async () => {
    for await (const connection of listener) speaking.push(speak(connection));
  })();
  return {
    url: new URL(`http://127.0.0.1:${listener.addr.port}`),
    async [Symbol.asyncDispose]() {
      listener.close();
      await served;
      await Promise.all(speaking);
    },
  };
}

async function seesUser(challenge: string, first: Request): Promise<string> {
  await using origin = startBinding(challenge);
  const proxy = createProxy({ origin: origin.url, timeoutMs: 5_000, deploymentId: "a1" });
  await (await proxy.handle(first, gate)).text();
  const user = await (await proxy.handle(new Request("http://h/"), gate)).text();
  await proxy.close();
  return user;
}

Deno.test("a visitor never speaks on a connection on which another signed in", async () => {
  for (const authorization of BINDING) {
    const first = new Request("http://h/", { headers: { authorization } });
    assertEquals(await seesUser("", first), "nobody", authorization);
  }
  const twice = new Request("http://h/", {
    headers: [["authorization", "Basic dTpw"], ["authorization", "NTLM TlRM"]],
  });
  assertEquals(await seesUser("", twice), "nobody");
});

Deno.test("a visitor never speaks on a connection whose server began to sign another in", async () => {
  const challenges = [
    ...BINDING.map((value) => `WWW-Authenticate: ${value}`),
    'Www-Authenticate: Basic realm="a"\r\nwww-authenticate: NTLM TlRM',
    "WWW-Authenticate:\tNTLM",
    'WWW-Authenticate: Basic realm="a",\r\n Negotiate',
    "Proxy-Authenticate: NTLM",
    "Proxy-Authenticate: Negotiate oYG2",
    "Persistent-Auth: true",
  ];
  for (const challenge of challenges) {
    assertEquals(await seesUser(challenge, new Request("http://h/challenge")), "nobody", challenge);
  }
});

Deno.test("a sign-in of one request costs no connection", async () => {
  for (const authorization of ["Basic dTpw", "Bearer abc", 'Digest username="u", realm="r"']) {
    const first = new Request("http://h/", { headers: { authorization } });
    assertEquals(await seesUser("", first), authorization);
  }
  const offer = 'WWW-Authenticate: Basic realm="a", charset="UTF-8"';
  assertEquals(
    await seesUser(offer, new Request("http://h/challenge")),
    "whoever was challenged",
  );
});
