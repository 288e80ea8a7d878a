/**
 * Frees the pieces of a long body as soon as the next one is asked for, instead of leaving them to
 * the garbage collector. Whoever was handed a piece has sent it by then, or holds what it still has
 * to send. Deno 2.5 lets garbage of this kind grow to the size of the bodies: eight downloads of
 * 300 MB at once took 2.1 GB there, and take 0.2 GB so (docs/decisions/001).
 */

/** What may be collected of a body before its pieces vanish behind the reader. */
const KEPT_BYTES = 1_024 * 1_024;

export class PieceRelease {
  #passed = 0;
  #last: ArrayBufferLike | undefined;

  /** The next piece is asked for. */
  release(): void {
    if (this.#passed > KEPT_BYTES && this.#last instanceof ArrayBuffer) this.#last.transfer(0);
    this.#last = undefined;
  }

  /** A piece was handed out that is alone in its buffer. */
  keep({ buffer, length }: Uint8Array): void {
    this.#passed += length;
    this.#last = buffer;
  }
}
