/** How the shop reads what a request is about, and in which form it answers. */
import type { Context } from "hono";
import type { z } from "zod";
import type { GateEnv } from "../../context.ts";
import { AppError } from "../../errors/app_error.ts";
import { type Cart, countItems } from "./cart.ts";
import { type Country, findCountry } from "./countries.ts";
import type { Visit } from "./pages/visit.ts";

/** The country of the path. @throws AppError NOT_FOUND */
export function countryOf(c: Context<GateEnv>): Country {
  const country = findCountry(c.req.param("country") ?? "");
  if (!country) throw new AppError("NOT_FOUND");
  return country;
}

/** @param address Path and query below the country, such as `products?q=lamp`. */
export function visitOf(
  c: Context<GateEnv>,
  { country, address, cart, nowMs }: {
    country: Country;
    address: string;
    cart: Cart;
    nowMs: number;
  },
): Visit {
  return {
    country,
    address: `/${country.code}/${address}`,
    cartCount: countItems(cart),
    nonce: c.env.nonce(),
    nowMs,
  };
}

/** What is about a visitor is kept by nobody; the rest is asked for again, as prices may change. */
export type Keeping = "no-store" | "private, no-cache";

export function answerPage(
  c: Context<GateEnv>,
  html: string,
  { locale }: Pick<Country, "locale">,
  keeping: Keeping,
  status: 200 | 422 = 200,
): Response {
  return c.body(html, status, {
    "content-type": "text/html; charset=utf-8",
    "content-language": locale,
    "cache-control": keeping,
    "vary": "Accept",
  });
}

export function answerJson(
  c: Context<GateEnv>,
  value: unknown,
  keeping: Keeping,
  status: 200 | 201 = 200,
): Response {
  return c.body(JSON.stringify(value), status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": keeping,
    "vary": "Accept",
  });
}

/** The value, checked. @throws AppError VALIDATION_FAILED, with a pointer to each wrong field */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.map(({ path, message }) => ({
    pointer: path.map((part) => `/${String(part)}`).join(""),
    detail: message,
  })));
}

/** The refusal of a body or query in which these fields are wrong. */
export function invalid(
  errors: readonly { readonly pointer: string; readonly detail: string }[],
): AppError {
  const detail = errors.map(({ pointer, detail }) => `${pointer || "body"}: ${detail}`).join(" ");
  return new AppError("VALIDATION_FAILED", { detail, extensions: { errors } });
}

/** The answer to a method that a path does not offer; asked which it does, it tells. */
export function offerOnly(allow: string): (c: Context<GateEnv>) => Response {
  return (c) => {
    if (c.req.param("country") !== undefined) countryOf(c);
    if (c.req.method === "OPTIONS") return c.body(null, 204, { allow });
    throw new AppError("METHOD_NOT_ALLOWED", { headers: { allow } });
  };
}
