/**
 * Tells a request that came back to the gate it went through from one that is new, by `CDN-Loop`
 * (RFC 8586), which every hop must pass on. `Via` would say the same, but nginx stops compressing
 * for requests that carry it.
 */

/** How the names of all gates begin. */
const NAME = "gatehouse-";

/** Gates a request may pass before us. One in front of another is a set-up; more is a circle. */
const GATES_MAX = 3;

/**
 * The `CDN-Loop` value to send on, or undefined when the request is going round in a circle.
 * @param id Names this deployment: letters, digits, `-` and `_`.
 */
export function passLoop(received: string | null, id: string): string | undefined {
  const own = `${NAME}${id}`;
  if (received === null) return own;
  const gates = received.split(",").map((hop) => hop.split(";")[0].trim().toLowerCase())
    .filter((hop) => hop.startsWith(NAME));
  if (gates.length >= GATES_MAX || gates.includes(own.toLowerCase())) return undefined;
  return `${received}, ${own}`;
}
