/** What a checkout form must hold in a country, and what is said about what it does not. */
import { z } from "zod";
import type { Country, PaymentMethod } from "./countries.ts";
import { say } from "./words.ts";

const TEXT_FIELDS = ["name", "email", "street", "city", "region", "postcode"] as const;
export const FIELDS = [...TEXT_FIELDS, "payment_method"] as const;

export type TextField = (typeof TEXT_FIELDS)[number];
export type CheckoutField = (typeof FIELDS)[number];

export const FIELD_MAX: Readonly<Record<TextField, number>> = {
  name: 100,
  email: 254,
  street: 120,
  city: 80,
  region: 60,
  postcode: 12,
};

/** A checked form. `region` is empty where addresses have none. */
export interface Checkout {
  readonly name: string;
  readonly email: string;
  readonly street: string;
  readonly city: string;
  readonly region: string;
  readonly postcode: string;
  readonly payment_method: PaymentMethod;
}

export interface FieldError {
  /** JSON pointer to the field. */
  readonly pointer: string;
  /** In the country's language. */
  readonly detail: string;
}

export type CheckoutResult =
  | { readonly ok: true; readonly checkout: Checkout }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

const schemas = new Map<string, z.ZodType<Checkout>>();

export function checkCheckout(fields: unknown, country: Country): CheckoutResult {
  let schema = schemas.get(country.code);
  if (!schema) schemas.set(country.code, schema = schemaOf(country));
  const parsed = schema.safeParse(fields);
  if (parsed.success) return { ok: true, checkout: parsed.data };
  // The first complaint about each field is enough for a person.
  const errors = new Map<string, FieldError>();
  for (const { path, message } of parsed.error.issues) {
    const pointer = `/${path.join("/")}`;
    if (!errors.has(pointer)) errors.set(pointer, { pointer, detail: message });
  }
  return { ok: false, errors: [...errors.values()] };
}

/** Fields of the form, in the order the country expects them. */
export function textFieldsOf(
  { address }: Country,
): readonly [name: TextField, email: TextField, ...address: TextField[]] {
  return ["name", "email", ...address];
}

function schemaOf(country: Country): z.ZodType<Checkout> {
  const required = say(country, "error_required");
  const text = (field: TextField) => {
    const max = FIELD_MAX[field];
    return z.string(required).transform((value) => value.normalize("NFC").trim())
      .pipe(
        z.string().min(1, required).max(max, say(country, "error_long", { max }))
          // Control characters have no place in a name, and could break a label or a log.
          .regex(/^\P{Cc}*$/u, required),
      );
  };
  const { pattern, example } = country.postcode;
  return z.object({
    name: text("name"),
    email: text("email").pipe(z.email(say(country, "error_email"))),
    street: text("street"),
    city: text("city"),
    region: country.address.includes("region")
      ? text("region")
      : z.string().optional().transform(() => ""),
    postcode: text("postcode").pipe(
      z.string().regex(pattern, say(country, "error_postcode", { example })),
    ),
    payment_method: z.enum(country.payments, say(country, "error_payment")),
  });
}
