/** `Content-Transfer-Encoding` of a part: some servers undo it, most leave it alone. */

const PLAIN = /^(?:|7bit|8bit|binary)$/;

/** What the content holds besides itself; `undefined` when nobody can say. */
export function decodedContent(content: Uint8Array, encoding: string): Uint8Array[] | undefined {
  if (PLAIN.test(encoding)) return [];
  const text = new TextDecoder().decode(content);
  if (encoding === "quoted-printable") return [new TextEncoder().encode(fromQuoted(text))];
  if (encoding !== "base64") return undefined;
  // Like the decoders of mail, which skip what is no digit, and a last digit that is alone.
  const digits = text.replace(/[^A-Za-z0-9+/]/g, "");
  return [Uint8Array.fromBase64(digits.slice(0, digits.length - Number(digits.length % 4 === 1)))];
}

function fromQuoted(text: string): string {
  return text.replace(/=[ \t]{0,9}\r?\n/g, "").replace(
    /=([0-9a-f]{2})/gi,
    (_, hex) => String.fromCharCode(parseInt(hex, 16)),
  );
}
