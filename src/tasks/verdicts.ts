/** What a handler can say about its own failure; anything else it throws is categorized. */

/** Trying again cannot help: the task is dead at once. */
export class PermanentError extends Error {
  override readonly name = "PermanentError";
}

/** Try again after `afterMs` (at most 24 h), as the other side asked. */
export class RetryAfterError extends Error {
  override readonly name = "RetryAfterError";
  readonly afterMs: number;

  constructor(afterMs: number, message = "Asked to try again later") {
    super(message);
    this.afterMs = afterMs;
  }
}

/** Not now: come back after `afterMs`. The attempt does not count. */
export class SnoozeError extends Error {
  override readonly name = "SnoozeError";
  readonly afterMs: number;

  constructor(afterMs: number, message = "Not now") {
    super(message);
    this.afterMs = afterMs;
  }
}

/** Why a handler's signal was aborted; the handler may let it through. */
export class FencedError extends Error {
  override readonly name = "FencedError";
}

export class StoppedError extends Error {
  override readonly name = "StoppedError";
}
