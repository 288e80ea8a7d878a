/**
 * Counts the bytes of bodies that are kept in memory until somebody takes them: of all clients
 * together, and of each by itself, so that one who sends without end uses up no more than a share.
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
  /** Gives all back; may be called again. */
  release(): void;
}

export interface BodyHolds {
  /** @param sender Whose share it comes from. */
  open(sender: string): BodyHold;
  readonly heldBytes: number;
  readonly senders: number;
}

const MIB = 1024 * 1024;
/** Eight bodies of the size that is read, or as many forms as a browser sends in a minute. */
const SHARE_BYTES_MAX = 8 * MIB;
const TOTAL_BYTES_MAX = 64 * MIB;
/** By then the slowest sender is done with, or gone. */
const RETRY_AFTER_SECONDS = 30;

export function createBodyHolds(
  { totalBytesMax, shareBytesMax }: BodyHoldsOptions = {
    totalBytesMax: TOTAL_BYTES_MAX,
    shareBytesMax: SHARE_BYTES_MAX,
  },
): BodyHolds {
  const shares = new Map<string, number>();
  let totalBytes = 0;
  return {
    get heldBytes() {
      return totalBytes;
    },
    get senders() {
      return shares.size;
    },
    open(sender) {
      let ownBytes = 0;
      return {
        take(sizeBytes) {
          if (sizeBytes === 0) return true;
          const share = (shares.get(sender) ?? 0) + sizeBytes;
          if (share > shareBytesMax || totalBytes + sizeBytes > totalBytesMax) return false;
          shares.set(sender, share);
          totalBytes += sizeBytes;
          ownBytes += sizeBytes;
          return true;
        },
        release() {
          if (ownBytes === 0) return;
          const share = shares.get(sender)! - ownBytes;
          if (share === 0) shares.delete(sender);
          else shares.set(sender, share);
          totalBytes -= ownBytes;
          ownBytes = 0;
        },
      };
    },
  };
}

/** What a client is told for whose body there is no room. */
export const noRoom = () =>
  new AppError("TEMPORARILY_UNAVAILABLE", {
    headers: { "Retry-After": `${RETRY_AFTER_SECONDS}` },
  });
