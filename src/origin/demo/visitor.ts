/**
 * The two cookies of the shop: the cart, and a random id that orders belong to as long as nobody is
 * signed in. Looking at pages sets neither.
 */
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { CookieOptions } from "hono/utils/cookie";
import { type GateEnv, userKey } from "../../context.ts";
import { DAY, SECOND } from "../../time.ts";
import { type Cart, readCart, writeCart } from "./cart.ts";
import type { Shelf } from "./catalog.ts";

const CART_MS = 30 * DAY;
/** As long as orders are kept. */
const VISITOR_MS = 90 * DAY;
const VISITOR_ID = /^[0-9a-f-]{32,36}$/;

export function cartOf(c: Context<GateEnv>, shelf: Shelf): Cart {
  return readCart(getCookie(c, "cart", prefixOf(c)), shelf);
}

/** Keeps the cart for the visitor's next request; an empty one is forgotten at once. */
export function keepCart(c: Context<GateEnv>, cart: Cart): void {
  const lifeMs = cart.length > 0 ? CART_MS : 0;
  setCookie(c, "cart", writeCart(cart), cookieOptions(c, lifeMs));
}

/**
 * Whose orders these are: the user's, or the visitor's. Undefined for a visitor without a cookie,
 * who has none.
 */
export function ownerOf(c: Context<GateEnv>): string | undefined {
  if (c.env.user) return `user:${userKey(c.env.user)}`;
  const id = getCookie(c, "visitor", prefixOf(c));
  return id && VISITOR_ID.test(id) ? `visitor:${id}` : undefined;
}

/** As `ownerOf`, but gives a visitor without an id the one that `draw` draws. */
export function ensureOwner(c: Context<GateEnv>, draw: () => string): string {
  const known = ownerOf(c);
  if (known) return known;
  const id = draw();
  setCookie(c, "visitor", id, cookieOptions(c, VISITOR_MS));
  return `visitor:${id}`;
}

/** Over HTTPS the prefix keeps other hosts of the domain from planting the cookie. */
function prefixOf(c: Context<GateEnv>): "host" | undefined {
  return c.env.scheme === "https" ? "host" : undefined;
}

function cookieOptions(c: Context<GateEnv>, lifeMs: number): CookieOptions {
  const secure = c.env.scheme === "https";
  return {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure,
    maxAge: lifeMs / SECOND,
    ...(secure ? { prefix: "host" } : {}),
  };
}
