/** Bytes of bodies, for the tests of how they are read. */

export function utf16(text: string, order: "le" | "be" = "le"): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at++) {
    view.setUint16(at * 2, text.charCodeAt(at), order === "le");
  }
  return bytes;
}
