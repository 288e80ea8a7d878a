/** `/{country}/checkout` and `/{country}/orders`: the form, the order it makes, and all of them. */
import { type Context, Hono } from "hono";
import { z } from "zod";
import type { GateEnv } from "../../context.ts";
import { AppError } from "../../errors/app_error.ts";
import type { ShopOrder } from "../../kv/keys.ts";
import type { Log } from "../../log.ts";
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
import { type Cart, LINES_MAX, totalsOf, withMore } from "./cart.ts";
import { productOf, quantitySchema } from "./cart_routes.ts";
import { shelfOf } from "./catalog.ts";
import { checkCheckout, type Checkout } from "./checkout.ts";
import type { Country } from "./countries.ts";
import { prefersJson, requireSameOrigin } from "./negotiation.ts";
import type { NewOrder, Orders } from "./orders.ts";
import { checkoutPage } from "./pages/checkout_page.tsx";
import { orderPage, ordersPage } from "./pages/orders_page.tsx";
import { hrefOf } from "./pages/visit.ts";
import { orderView } from "./views.ts";
import { cartOf, ensureOwner, keepCart, ownerOf } from "./visitor.ts";

const PAGE_SIZE = 10;

const TOKEN = "8 to 64 letters, digits, - or _.";

const placeSchema = z.object({
  order_token: z.string(TOKEN).regex(/^[\w-]{8,64}$/, TOKEN).optional(),
  /** In place of the cart, for programs that keep none. */
  items: z.array(
    z.object({ product_id: z.string("The id of a product."), quantity: quantitySchema.default(1) }),
    "A list of products.",
  ).max(LINES_MAX, `At most ${LINES_MAX}.`).optional(),
});

interface OrderRoutesOptions {
  readonly orders: Orders;
  readonly clock: Clock;
  readonly log: Log;
}

export function orderRoutes(options: OrderRoutesOptions): Hono<GateEnv> {
  const { orders, clock } = options;
  const app = new Hono<GateEnv>();

  app.get("/:country/checkout", (c) => {
    const country = countryOf(c);
    const cart = cartOf(c, shelfOf(country));
    if (cart.length === 0) return c.redirect(hrefOf(country, "cart"), 303);
    const visit = visitOf(c, { country, address: "checkout", cart, nowMs: clock.now() });
    const page = checkoutPage(visit, { cart, token: crypto.randomUUID() });
    return answerPage(c, page, country, "no-store");
  });

  app.get("/:country/orders", async (c) => {
    const country = countryOf(c);
    const owner = ownerOf(c);
    // Who has never ordered has no id, and costs no look into KV.
    const page = owner
      ? await orders.list(owner, PAGE_SIZE, c.req.query("cursor") || undefined)
      : { items: [], next_cursor: null };
    if (prefersJson(c.req.raw)) {
      const items = page.items.map((order) => orderView(order, country));
      return answerJson(c, { ...page, items }, "no-store");
    }
    const cart = cartOf(c, shelfOf(country));
    const visit = visitOf(c, { country, address: "orders", cart, nowMs: clock.now() });
    return answerPage(c, ordersPage(visit, page), country, "no-store");
  });

  app.get("/:country/orders/:id", async (c) => {
    const country = countryOf(c);
    const owner = ownerOf(c);
    const id = c.req.param("id");
    const order = owner && /^[\w-]{11}$/.test(id) && await orders.find(owner, id);
    if (!order) throw new AppError("NOT_FOUND");
    if (prefersJson(c.req.raw)) return answerJson(c, orderView(order, country), "no-store");
    const cart = cartOf(c, shelfOf(country));
    const visit = visitOf(c, { country, address: `orders/${id}`, cart, nowMs: clock.now() });
    const placed = c.req.query("placed") !== undefined;
    return answerPage(c, orderPage(visit, order, placed), country, "no-store");
  });

  app.post("/:country/orders", createPlace(options));

  app.all("/:country/checkout", offerOnly("GET, HEAD"));
  app.all("/:country/orders", offerOnly("GET, HEAD, POST"));
  app.all("/:country/orders/:id", offerOnly("GET, HEAD"));

  return app;
}

/** Takes an order. The same form, or the same `Idempotency-Key`, never makes two. */
function createPlace({ orders, clock, log }: OrderRoutesOptions) {
  const answer = (c: Context<GateEnv>, country: Country, order: ShopOrder, repeated: boolean) => {
    const path = hrefOf(country, `orders/${order.id}`);
    if (!prefersJson(c.req.raw)) return c.redirect(`${path}?placed`, 303);
    c.header("location", path);
    return answerJson(c, orderView(order, country), "no-store", repeated ? 200 : 201);
  };

  return async (c: Context<GateEnv>): Promise<Response> => {
    const country = countryOf(c);
    requireSameOrigin(c.req.raw, c.env);
    const json = prefersJson(c.req.raw);
    const fields = await readFields(c.req.raw);
    const key = c.req.header("idempotency-key");
    const { order_token: token, items } = check(
      placeSchema,
      key === undefined ? fields : { ...fields, order_token: key },
    );
    const cart = items ? cartOfItems(items, country) : cartOf(c, shelfOf(country));
    if (cart.length === 0) {
      // The second click of two finds the cart empty, because the first one bought it.
      const owner = ownerOf(c);
      const earlier = token && owner && await orders.findByToken(owner, token);
      if (earlier) return answer(c, country, earlier, true);
      if (json) throw invalid([{ pointer: "/items", detail: "The cart is empty." }]);
      return c.redirect(hrefOf(country, "cart"), 303);
    }
    const result = checkCheckout(fields, country);
    if (!result.ok) {
      if (json) throw invalid(result.errors);
      const visit = visitOf(c, { country, address: "checkout", cart, nowMs: clock.now() });
      const form = { cart, token: token ?? crypto.randomUUID(), values: fields, ...result };
      return answerPage(c, checkoutPage(visit, form), country, "no-store", 422);
    }
    const draft = draftOf(cart, country, result.checkout);
    const fingerprint = await sha256(JSON.stringify(draft));
    // Both clicks of a first-time buyer come without an id; drawn from the form, theirs is one.
    const drawn = token ? (await sha256(`${token} ${fingerprint}`)).slice(0, 32) : undefined;
    const owner = ensureOwner(c, () => drawn ?? crypto.randomUUID());
    const { order, repeated } = await orders.place(owner, draft, { token, fingerprint });
    if (!repeated) {
      const { currency, total, payment_method } = order;
      log.info("shop.order_placed", { country: country.code, currency, total, payment_method });
    }
    if (!items) keepCart(c, []);
    return answer(c, country, order, repeated);
  };
}

function cartOfItems(
  items: readonly { readonly product_id: string; readonly quantity: number }[],
  country: Country,
): Cart {
  const shelf = shelfOf(country);
  return items.reduce<Cart>((cart, { product_id, quantity }, index) => {
    const product = productOf(shelf, product_id, `/items/${index}/product_id`);
    return withMore(cart, product, quantity, country);
  }, []);
}

function draftOf(cart: Cart, country: Country, checkout: Checkout): NewOrder {
  const { payment_method, ...ship_to } = checkout;
  const { subtotal, delivery, tax, total } = totalsOf(cart, country);
  return {
    country: country.code,
    currency: country.currency,
    items: cart.map(({ product, quantity }) => ({
      product_id: product.id,
      name: product.name,
      quantity,
      price: product.price,
    })),
    subtotal,
    delivery,
    tax,
    total,
    payment_method,
    ship_to,
  };
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
