/**
 * Long bodies are examined one after the other, with a turn of the event loop between two, so that a
 * crowd of them keeps a page waiting no longer than one of them does.
 */

/** Shorter ones cost less than waiting for a turn would. */
export const LONG_BODY_BYTES = 65_536;

/** @returns What to wait for before a long body is examined; in the order of asking. */
export function createBodyTurns(): () => Promise<void> {
  let last = Promise.resolve();
  return () => last = last.then(nextTurn);
}

const nextTurn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
