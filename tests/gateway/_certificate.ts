/** A certificate for this machine that nobody trusts, made anew by `openssl`: no key is committed. */

export interface TestCertificate extends AsyncDisposable {
  readonly cert: string;
  readonly key: string;
  /** Where the certificate is, for `DENO_CERT`. */
  readonly certPath: string;
}

/** Throws, with the package to install, on a machine without `openssl`. */
export async function makeCertificate(): Promise<TestCertificate> {
  const folder = await Deno.makeTempDir();
  const [certPath, keyPath] = [`${folder}/cert.pem`, `${folder}/key.pem`];
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  args.push("-nodes", "-keyout", keyPath, "-out", certPath, "-days", "2", "-subj", "/CN=localhost");
  args.push("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1");
  args.push("-addext", "basicConstraints=critical,CA:FALSE");
  const { success, stderr } = await new Deno.Command("openssl", { args }).output().catch(() => {
    throw new Error("Cannot test TLS without openssl: apt-get install openssl");
  });
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return {
    cert: await Deno.readTextFile(certPath),
    key: await Deno.readTextFile(keyPath),
    certPath,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
