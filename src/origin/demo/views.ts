/** What JSON answers look like. Names are snake_case, times ISO 8601 UTC, money whole minor units. */
import type { ShopOrder } from "../../kv/keys.ts";
import { type Cart, totalsOf } from "./cart.ts";
import type { Product } from "./catalog.ts";
import { COUNTRIES, type Country } from "./countries.ts";
import { toMoney } from "./money.ts";
import { say } from "./words.ts";

/** A product, in lists and alone. */
export function productView(product: Product, country: Country) {
  const { id, name, kind, about, category, price, stock, rating, materials, madeIn } = product;
  return {
    id,
    name,
    kind,
    description: about,
    category,
    price: toMoney(price, country),
    stock,
    quantity_max: product.quantityMax,
    rating,
    materials,
    made_in: madeIn,
    size_mm: product.sizeMm,
    weight_grams: product.weightGrams,
    added_on: product.addedOn,
    image: `/assets/products/${id}.svg`,
    url: `/${country.code}/products/${id}`,
  };
}

export function cartView(cart: Cart, country: Country) {
  const totals = totalsOf(cart, country);
  return {
    country: country.code,
    items: cart.map(({ product, quantity }) => ({
      product_id: product.id,
      name: product.name,
      kind: product.kind,
      quantity,
      quantity_max: product.quantityMax,
      price: toMoney(product.price, country),
      line_total: toMoney(product.price * quantity, country),
      url: `/${country.code}/products/${product.id}`,
    })),
    next_cursor: null,
    count: totals.count,
    subtotal: toMoney(totals.subtotal, country),
    delivery: toMoney(totals.delivery, country),
    tax_included: toMoney(totals.tax, country),
    total: toMoney(totals.total, country),
  };
}

/** The cart after something was put in, with what a page says about it. */
export function addedView(cart: Cart, product: Product, country: Country) {
  return {
    ...cartView(cart, country),
    message: say(country, "cart_added", { name: product.name }),
    cart_label: say(country, "cart_view"),
    cart_url: `/${country.code}/cart`,
  };
}

/** An order in its own currency, written as `country` writes money. */
export function orderView(order: ShopOrder, country: Country) {
  const own = COUNTRIES.find(({ code }) => code === order.country) ?? country;
  const money = (amount: number) => toMoney(amount, country, own);
  return {
    id: order.id,
    status: "received",
    created_at: new Date(order.createdAt).toISOString(),
    country: order.country,
    items: order.items.map(({ product_id, name, quantity, price }) => ({
      product_id,
      name,
      quantity,
      price: money(price),
      line_total: money(price * quantity),
    })),
    subtotal: money(order.subtotal),
    delivery: money(order.delivery),
    tax_included: money(order.tax),
    total: money(order.total),
    payment_method: order.payment_method,
    ship_to: order.ship_to,
    url: `/${country.code}/orders/${order.id}`,
  };
}

export function countryView(country: Country) {
  const { code, locale, currency, payments } = country;
  return { code, locale, currency, payment_methods: payments, url: `/${code}/products` };
}
