/**
 * A visitor's cart. It lives in the visitor's own cookie and holds ids and quantities only: reading
 * it costs nothing, losing KV does not lose it, and prices always come from the catalog.
 */
import { AppError } from "../../errors/app_error.ts";
import type { Product, Shelf } from "./catalog.ts";
import type { Country } from "./countries.ts";
import { containedTax } from "./money.ts";
import { say } from "./words.ts";

/** Most different products in a cart; keeps the cookie under 700 bytes. */
export const LINES_MAX = 20;

export interface CartLine {
  readonly product: Product;
  readonly quantity: number;
}

export type Cart = readonly CartLine[];

/** What a cart costs, in minor units. */
export interface Totals {
  readonly count: number;
  readonly subtotal: number;
  readonly delivery: number;
  /** What is missing for free delivery; 0 when it is free. */
  readonly untilFreeDelivery: number;
  readonly total: number;
  /** Contained in `total`; 0 where prices do not include tax. */
  readonly tax: number;
}

/** The cart of a cookie's text. Whatever is not ours in it is left out. */
export function readCart(text: string | undefined, shelf: Shelf): Cart {
  const lines = new Map<string, CartLine>();
  for (const part of (text ?? "").split("~", LINES_MAX)) {
    const [, id, digits] = /^([a-z-]{1,40})\.(\d{1,2})$/.exec(part) ?? [];
    const product = id ? shelf.find(id) : undefined;
    const quantity = Math.min(Number(digits), product?.quantityMax ?? 0);
    if (product && quantity > 0) lines.set(id, { product, quantity });
  }
  return [...lines.values()];
}

export function writeCart(cart: Cart): string {
  return cart.map(({ product, quantity }) => `${product.id}.${quantity}`).join("~");
}

/**
 * The cart with `quantity` of the product, or with none when it is 0.
 *
 * @throws AppError VALIDATION_FAILED when there are not that many, or the cart is full.
 */
export function withQuantity(
  cart: Cart,
  product: Product,
  quantity: number,
  country: Country,
): Cart {
  const others = cart.filter((line) => line.product !== product);
  if (quantity === 0) return others;
  if (product.quantityMax === 0) {
    throw invalid("/product_id", say(country, "unavailable", { name: product.name }));
  }
  if (quantity > product.quantityMax) {
    const values = { name: product.name, count: product.quantityMax };
    throw invalid("/quantity", say(country, "limit_quantity", values));
  }
  const at = cart.findIndex((line) => line.product === product);
  if (at >= 0) return cart.with(at, { product, quantity });
  if (cart.length >= LINES_MAX) {
    throw invalid("/product_id", say(country, "limit_lines", { count: LINES_MAX }));
  }
  return [...cart, { product, quantity }];
}

/** The cart with `quantity` more of the product; throws as `withQuantity` does. */
export function withMore(cart: Cart, product: Product, quantity: number, country: Country): Cart {
  const present = cart.find((line) => line.product === product)?.quantity ?? 0;
  return withQuantity(cart, product, present + quantity, country);
}

export function countItems(cart: Cart): number {
  return cart.reduce((sum, { quantity }) => sum + quantity, 0);
}

export function totalsOf(cart: Cart, { delivery, taxRate }: Country): Totals {
  const subtotal = cart.reduce((sum, { product, quantity }) => sum + product.price * quantity, 0);
  const free = subtotal === 0 || subtotal >= delivery.freeFrom;
  const fee = free ? 0 : delivery.fee;
  return {
    count: countItems(cart),
    subtotal,
    delivery: fee,
    untilFreeDelivery: free ? 0 : delivery.freeFrom - subtotal,
    total: subtotal + fee,
    tax: containedTax(subtotal + fee, taxRate),
  };
}

function invalid(pointer: string, detail: string): AppError {
  return new AppError("VALIDATION_FAILED", {
    detail,
    extensions: { errors: [{ pointer, detail }] },
  });
}
