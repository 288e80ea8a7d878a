import { assertEquals, assertRejects } from "@std/assert";
import { ProbeError } from "../../src/verify/probe.ts";
import { shakeHands, takesOldTls } from "../../src/verify/tls_handshake.ts";
import { spawnChild } from "../_child.ts";
import { makeCertificate } from "../gateway/_certificate.ts";
import { bareSite, idsOf, look, serveSite } from "./_sites.ts";

const endpointOf = ({ hostname, port }: URL) => ({ hostname, port: Number(port) });

Deno.test("shakeHands() tells version, end and trust, by name and by address", async () => {
  await using certificate = await makeCertificate();
  await using site = serveSite(bareSite, certificate);
  const { port } = endpointOf(site.url);
  for (const hostname of ["localhost", "127.0.0.1"]) {
    const { protocol, distrust, validUntil } = await shakeHands({ hostname, port }, [
      certificate.cert,
    ]);
    assertEquals([protocol, distrust], ["TLSv1.3", undefined], hostname);
    assertEquals(Math.round((validUntil - Date.now()) / 86_400_000), 2);
  }
  const stranger = await shakeHands({ hostname: "localhost", port });
  assertEquals(stranger.distrust, "DEPTH_ZERO_SELF_SIGNED_CERT");
});

Deno.test("takesOldTls() is refused by a server of today", async () => {
  await using certificate = await makeCertificate();
  await using site = serveSite(bareSite, certificate);
  assertEquals(await takesOldTls(endpointOf(site.url)), false);
});

Deno.test("verify() fails a server that takes TLS 1.1 and knows no 1.3", async () => {
  await using certificate = await makeCertificate();
  await using server = await serveOldTls(certificate.certPath);
  assertEquals(await takesOldTls(endpointOf(server.url)), true);
  // It answers GET alone, and leaves the rest hanging.
  const options = { certificate, caCerts: [certificate.cert], timeoutMs: 300 };
  const report = await look(server.url, options);
  const failed = idsOf(report, "fail").filter((id) => id.startsWith("tls."));
  assertEquals(failed, ["tls.expiry", "tls.modern", "tls.old-versions"]);
});

Deno.test("takesOldTls() and shakeHands() of who speaks no TLS", async () => {
  await using plain = serveSite(bareSite);
  const endpoint = endpointOf(plain.url);
  assertEquals(await takesOldTls(endpoint), false);
  await assertRejects(() => shakeHands(endpoint), ProbeError, "No TLS at localhost");
  const nobody = { hostname: "localhost", port: 1 };
  await assertRejects(() => takesOldTls(nobody), ProbeError, "No connection to localhost:1");
});

/** A web server of ten years ago: `openssl` told to take TLS 1.0 to 1.2. */
async function serveOldTls(certPath: string): Promise<AsyncDisposable & { url: URL }> {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  const args = ["s_server", "-accept", `127.0.0.1:${port}`, "-www", "-quiet"];
  args.push("-cert", certPath, "-key", certPath.replace("cert.pem", "key.pem"));
  args.push("-min_protocol", "TLSv1", "-max_protocol", "TLSv1.2", "-cipher", "ALL:@SECLEVEL=0");
  const child = spawnChild("openssl", { args, stdout: "null", stderr: "null" });
  for (let tries = 0; tries < 100; tries++) {
    const connection = await Deno.connect({ port, hostname: "127.0.0.1" }).catch(() => undefined);
    connection?.close();
    if (connection) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    url: new URL(`https://localhost:${port}/`),
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.status;
    },
  };
}
