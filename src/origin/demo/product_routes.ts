/** `/{country}/products` and `/{country}/products/{id}`: browsing, searching, looking closely. */
import { Hono } from "hono";
import { z } from "zod";
import type { GateEnv } from "../../context.ts";
import { AppError } from "../../errors/app_error.ts";
import type { Clock } from "../../time.ts";
import { answerJson, answerPage, check, countryOf, offerOnly, visitOf } from "./answers.ts";
import { CATEGORIES, shelfOf, SORTS, type Wish } from "./catalog.ts";
import { prefersJson } from "./negotiation.ts";
import { listPage, searchOf } from "./pages/list_page.tsx";
import { productPage } from "./pages/product_page.tsx";
import { productView } from "./views.ts";
import { cartOf } from "./visitor.ts";

const PAGE_SIZE = 24;
const RELATED = 4;

/** A field left empty in a form is a field not filled in. */
const unlessEmpty = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => value === "" ? undefined : value, schema);

const listQuery = z.object({
  q: z.string().max(100, "At most 100 characters.")
    .transform((text) => text.replace(/\p{Cc}/gu, " ").trim()).default(""),
  category: unlessEmpty(z.enum(CATEGORIES, `One of ${CATEGORIES.join(", ")}.`).optional()),
  sort: unlessEmpty(z.enum(SORTS, `One of ${SORTS.join(", ")}.`).default("featured")),
  limit: unlessEmpty(
    z.string().regex(/^([1-9]|[1-4]\d)$/, "From 1 to 49.").transform(Number).default(PAGE_SIZE),
  ),
  cursor: unlessEmpty(z.string().optional()),
});

export function productRoutes({ clock }: { clock: Clock }): Hono<GateEnv> {
  const app = new Hono<GateEnv>();

  app.get("/:country/products", (c) => {
    const country = countryOf(c);
    const shelf = shelfOf(country);
    const { q: query, category, sort, limit, cursor } = check(listQuery, c.req.query());
    const wish: Wish = { query, category, sort };
    const found = shelf.list(wish);
    const offset = readCursor(cursor, found.length);
    const products = found.slice(offset, offset + limit);
    if (prefersJson(c.req.raw)) {
      return answerJson(c, {
        items: products.map((product) => productView(product, country)),
        next_cursor: offset + limit < found.length ? String(offset + limit) : null,
      }, "private, no-cache");
    }
    const address = `products${searchOf(wish, offset)}`;
    const cart = cartOf(c, shelf);
    const visit = visitOf(c, { country, address, cart, nowMs: clock.now() });
    const page = listPage(visit, { wish, count: found.length, products, offset, limit });
    return answerPage(c, page, country, "private, no-cache");
  });

  app.get("/:country/products/:id", (c) => {
    const country = countryOf(c);
    const shelf = shelfOf(country);
    const product = shelf.find(c.req.param("id"));
    if (!product) throw new AppError("NOT_FOUND");
    if (prefersJson(c.req.raw)) {
      return answerJson(c, productView(product, country), "private, no-cache");
    }
    const cart = cartOf(c, shelf);
    const address = `products/${product.id}`;
    const visit = visitOf(c, { country, address, cart, nowMs: clock.now() });
    const page = productPage(visit, product, shelf.related(product, RELATED));
    return answerPage(c, page, country, "private, no-cache");
  });

  app.all("/:country/products", offerOnly("GET, HEAD"));
  app.all("/:country/products/:id", offerOnly("GET, HEAD"));

  return app;
}

/** A cursor is the number of products that come before the page. */
function readCursor(cursor: string | undefined, count: number): number {
  if (cursor === undefined) return 0;
  const offset = /^[1-9]\d{0,3}$/.test(cursor) ? Number(cursor) : NaN;
  if (offset < count) return offset;
  throw new AppError("INVALID_CURSOR");
}
