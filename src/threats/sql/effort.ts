/** How often the SQL of one request may be read anew, at one quote of its values and then another. */

/** Quotes that may be tried in one request, over all its values. */
export const TRIES_MAX = 200;

/** What is left of a request's tries. */
export interface Effort {
  tries: number;
}
