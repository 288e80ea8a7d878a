/** `/{country}/cart`: what is in it, and the one form that changes it. */
import { type Context, Hono } from "hono";
import { z } from "zod";
import type { GateEnv } from "../../context.ts";
import { AppError } from "../../errors/app_error.ts";
import type { Clock } from "../../time.ts";
import {
  answerJson,
  answerPage,
  check,
  countryOf,
  invalid,
  offerOnly,
  visitOf,
} from "./answers.ts";
import { readFields } from "./body.ts";
import { type Cart, withMore, withQuantity } from "./cart.ts";
import { type Product, type Shelf, shelfOf } from "./catalog.ts";
import type { Country } from "./countries.ts";
import { prefersJson, requireSameOrigin } from "./negotiation.ts";
import { type CartNotice, cartPage } from "./pages/cart_page.tsx";
import { hrefOf } from "./pages/visit.ts";
import { addedView, cartView } from "./views.ts";
import { cartOf, keepCart } from "./visitor.ts";
import { say } from "./words.ts";

const QUANTITY = "A whole number from 0 to 99.";

/** From JSON a number, from a form its digits. */
export const quantitySchema = z.union([
  z.int(QUANTITY).min(0, QUANTITY).max(99, QUANTITY),
  z.string(QUANTITY).regex(/^\d{1,2}$/, QUANTITY).transform(Number),
], QUANTITY);

const changeSchema = z.object({
  action: z.enum(["add", "update", "remove"], "One of add, update, remove.").default("add"),
  product_id: z.string("The id of a product."),
  quantity: quantitySchema.default(1),
});

type Change = z.infer<typeof changeSchema>;

/** The product of an id that came in a body. @throws AppError VALIDATION_FAILED */
export function productOf(shelf: Shelf, id: string, pointer: string): Product {
  const product = shelf.find(id);
  if (product) return product;
  throw invalid([{ pointer, detail: "There is no such product." }]);
}

export function cartRoutes({ clock }: { clock: Clock }): Hono<GateEnv> {
  const app = new Hono<GateEnv>();

  const show = (
    c: Context<GateEnv>,
    country: Country,
    cart: Cart,
    notice?: CartNotice,
  ): Response => {
    const visit = visitOf(c, { country, address: "cart", cart, nowMs: clock.now() });
    const status = notice?.tone === "bad" ? 422 : 200;
    return answerPage(c, cartPage(visit, cart, notice), country, "no-store", status);
  };

  app.get("/:country/cart", (c) => {
    const country = countryOf(c);
    const shelf = shelfOf(country);
    const cart = cartOf(c, shelf);
    if (prefersJson(c.req.raw)) return answerJson(c, cartView(cart, country), "no-store");
    const added = shelf.find(c.req.query("added") ?? "");
    return show(
      c,
      country,
      cart,
      added && {
        tone: "good",
        text: say(country, "cart_added", { name: added.name }),
      },
    );
  });

  app.post("/:country/cart", async (c) => {
    const country = countryOf(c);
    requireSameOrigin(c.req.raw, c.env);
    const json = prefersJson(c.req.raw);
    const shelf = shelfOf(country);
    const change = check(changeSchema, await readFields(c.req.raw));
    const product = productOf(shelf, change.product_id, "/product_id");
    const before = cartOf(c, shelf);
    let cart: Cart;
    try {
      cart = apply(before, product, change, country);
    } catch (error) {
      if (json || !(error instanceof AppError)) throw error;
      return show(c, country, before, { tone: "bad", text: error.message });
    }
    keepCart(c, cart);
    const added = change.action === "add";
    if (json) {
      const view = added ? addedView(cart, product, country) : cartView(cart, country);
      return answerJson(c, view, "no-store");
    }
    return c.redirect(hrefOf(country, added ? `cart?added=${product.id}` : "cart"), 303);
  });

  app.all("/:country/cart", offerOnly("GET, HEAD, POST"));

  return app;
}

function apply(cart: Cart, product: Product, change: Change, country: Country): Cart {
  if (change.action === "add") return withMore(cart, product, change.quantity, country);
  const quantity = change.action === "remove" ? 0 : change.quantity;
  return withQuantity(cart, product, quantity, country);
}
