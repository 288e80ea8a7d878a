/**
 * Counts the bytes of bodies that are kept in memory until somebody takes them: of all clients
 * together, and of each by itself, so that one who sends without end uses up no more than a share.
 * Where all of them together leave no room, whoever holds the most gives way: a form of two lines
 * finds a place however many bodies strangers hold open.
 */
import { AppError } from "../src/errors/app_error.ts";

export interface BodyHoldsOptions {
  readonly totalBytesMax: number;
  readonly shareBytesMax: number;
}

/** What one request keeps. */
export interface BodyHold {
  /** Adds bytes; false, and nothing added, where there is no room for them. */
  take(sizeBytes: number): boolean;
  /** All is there that is wanted: it gives way no more. */
  settle(): void;
  /** Gives all back; may be called again. */
  release(): void;
}

export interface BodyHolds {
  /**
   * @param sender Whose share it comes from.
   * @param giveWay Told when somebody who holds less needs the room; what was taken is given back.
   */
  open(sender: string, giveWay: () => void): BodyHold;
  readonly heldBytes: number;
  readonly senders: number;
}

const MIB = 1024 * 1024;
/** Eight bodies of the size that is read, or as many forms as a browser sends in a minute. */
const SHARE_BYTES_MAX = 8 * MIB;
const TOTAL_BYTES_MAX = 64 * MIB;
/** By then the slowest sender is done with, or gone. */
const RETRY_AFTER_SECONDS = 30;

interface Share {
  bytes: number;
  /** Holds that still wait for the rest of their bodies, the oldest first. */
  readonly waiting: Set<Hold>;
}

export function createBodyHolds(
  options: BodyHoldsOptions = { totalBytesMax: TOTAL_BYTES_MAX, shareBytesMax: SHARE_BYTES_MAX },
): BodyHolds {
  const book = new HoldBook(options);
  return {
    get heldBytes() {
      return book.totalBytes;
    },
    get senders() {
      return book.shares.size;
    },
    open: (sender, giveWay) => new Hold(book, sender, giveWay),
  };
}

class HoldBook {
  readonly shares = new Map<string, Share>();
  totalBytes = 0;

  constructor(readonly limits: BodyHoldsOptions) {}

  /** Whether `share` may grow, after others gave way if they had to. */
  hasRoom(share: Share, sizeBytes: number): boolean {
    const { shareBytesMax, totalBytesMax } = this.limits;
    const wantedBytes = share.bytes + sizeBytes;
    if (wantedBytes > shareBytesMax) return false;
    while (this.totalBytes + sizeBytes > totalBytesMax) {
      const heaviest = this.#heaviest();
      // Whoever would hold the most is the one to wait.
      if (!heaviest || heaviest.bytes <= wantedBytes) return false;
      const [oldest] = heaviest.waiting;
      oldest.oust();
    }
    return true;
  }

  #heaviest(): Share | undefined {
    let heaviest: Share | undefined;
    for (const share of this.shares.values()) {
      if (share.waiting.size > 0 && share.bytes > (heaviest?.bytes ?? 0)) heaviest = share;
    }
    return heaviest;
  }
}

class Hold implements BodyHold {
  #bytes = 0;
  #isSettled = false;

  constructor(
    readonly book: HoldBook,
    readonly sender: string,
    readonly giveWay: () => void,
  ) {}

  take(sizeBytes: number): boolean {
    if (sizeBytes === 0) return true;
    const { book, sender } = this;
    const share = book.shares.get(sender) ?? { bytes: 0, waiting: new Set() };
    if (!book.hasRoom(share, sizeBytes)) return false;
    book.shares.set(sender, share);
    if (!this.#isSettled) share.waiting.add(this);
    share.bytes += sizeBytes;
    book.totalBytes += sizeBytes;
    this.#bytes += sizeBytes;
    return true;
  }

  settle(): void {
    this.#isSettled = true;
    this.book.shares.get(this.sender)?.waiting.delete(this);
  }

  release(): void {
    const { book, sender } = this;
    const share = book.shares.get(sender);
    if (!share || this.#bytes === 0) return;
    share.waiting.delete(this);
    share.bytes -= this.#bytes;
    book.totalBytes -= this.#bytes;
    this.#bytes = 0;
    if (share.bytes === 0) book.shares.delete(sender);
  }

  oust(): void {
    this.release();
    this.giveWay();
  }
}

/** What a client is told for whose body there is no room. */
export const noRoom = () =>
  new AppError("TEMPORARILY_UNAVAILABLE", {
    headers: { "Retry-After": `${RETRY_AFTER_SECONDS}` },
  });
