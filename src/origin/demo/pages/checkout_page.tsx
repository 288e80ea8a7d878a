/** The checkout form: who, where to, how to pay. What was wrong is said at the top and at each field. */
import { type Cart, totalsOf } from "../cart.ts";
import {
  type CheckoutField,
  FIELD_MAX,
  type FieldError,
  FIELDS,
  type TextField,
  textFieldsOf,
} from "../checkout.ts";
import type { Country } from "../countries.ts";
import { say, sayCount } from "../words.ts";
import { Picture } from "./card.tsx";
import { Sums } from "./cart_page.tsx";
import { renderPage } from "./layout.tsx";
import { hrefOf, show, type Visit } from "./visit.ts";

export interface CheckoutForm {
  readonly cart: Cart;
  /** Sent along with the order, so that a form sent twice makes one order. */
  readonly token: string;
  /** What was typed before, when the form comes back. */
  readonly values?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly FieldError[];
}

export function checkoutPage(visit: Visit, form: CheckoutForm): string {
  const { country } = visit;
  const title = say(country, "checkout_title");
  return renderPage({
    visit,
    title,
    everywhere: true,
    children: (
      <>
        <div class="opening">
          <p class="crumb">
            <a href={hrefOf(country, "cart")}>{say(country, "back_to_cart")}</a>
          </p>
          <h1>{title}</h1>
          <p class="lead">{say(country, "checkout_demo")}</p>
        </div>
        <form class="split" action={hrefOf(country, "orders")} method="post" novalidate>
          <Fields visit={visit} form={form} />
          <Summary visit={visit} form={form} />
        </form>
      </>
    ),
  });
}

const Fields = ({ visit: { country }, form }: { visit: Visit; form: CheckoutForm }) => {
  const [name, email, ...address] = textFieldsOf(country);
  const row = (field: TextField) => <Field country={country} field={field} form={form} />;
  return (
    <div class="fields">
      <input type="hidden" name="order_token" value={form.token} />
      <ErrorSummary country={country} form={form} />
      <fieldset>
        <legend>{say(country, "checkout_contact")}</legend>
        {row(name)}
        {row(email)}
      </fieldset>
      <fieldset>
        <legend>{say(country, "checkout_address")}</legend>
        {address.map(row)}
      </fieldset>
      <Payment country={country} form={form} />
    </div>
  );
};

interface FormPart {
  readonly country: Country;
  readonly form: CheckoutForm;
}

const ErrorSummary = ({ country, form: { errors = [] } }: FormPart) =>
  errors.length === 0 ? null : (
    <div class="notice bad" role="alert">
      <p>{sayCount(country, "errors_title", errors.length)}</p>
      <ul>
        {errors.map(({ pointer, detail }) => {
          const field = fieldOf(pointer);
          return (
            <li>
              <a href={`#${field}`}>{say(country, `field_${field}`)}</a>: {detail}
            </li>
          );
        })}
      </ul>
    </div>
  );

const AUTOCOMPLETE: Readonly<Record<TextField, string>> = {
  name: "name",
  email: "email",
  street: "address-line1",
  city: "address-level2",
  region: "address-level1",
  postcode: "postal-code",
};

const Field = ({ country, field, form }: FormPart & { field: TextField }) => {
  const error = errorOf(form, field);
  const value = form.values?.[field];
  return (
    <p class={`field field-${field}`}>
      <label for={field}>{say(country, `field_${field}`)}</label>
      <input
        id={field}
        name={field}
        type={field === "email" ? "email" : "text"}
        value={typeof value === "string" ? value : ""}
        autocomplete={AUTOCOMPLETE[field]}
        maxlength={FIELD_MAX[field]}
        required
        placeholder={field === "postcode" ? country.postcode.example : undefined}
        aria-invalid={error ? "true" : undefined}
        aria-describedby={error ? `${field}-error` : undefined}
      />
      {error && <span class="field-error" id={`${field}-error`}>{error}</span>}
    </p>
  );
};

const Payment = ({ country, form }: FormPart) => {
  const error = errorOf(form, "payment_method");
  const chosen = form.values?.payment_method ?? country.payments[0];
  return (
    <fieldset class="payments" id="payment_method" aria-describedby={error && "payment-error"}>
      <legend>{say(country, "checkout_payment")}</legend>
      {country.payments.map((method) => (
        <label class="payment">
          <input
            type="radio"
            name="payment_method"
            value={method}
            checked={method === chosen}
            required
          />
          <span>{say(country, `pay_${method}`)}</span>
        </label>
      ))}
      {error && <span class="field-error" id="payment-error">{error}</span>}
    </fieldset>
  );
};

const Summary = ({ visit, form: { cart } }: { visit: Visit; form: CheckoutForm }) => {
  const { country } = visit;
  const totals = totalsOf(cart, country);
  return (
    <aside class="panel" aria-labelledby="summary">
      <h2 id="summary">{say(country, "checkout_summary")}</h2>
      <ul class="brief">
        {cart.map(({ product, quantity }) => (
          <li>
            <span class="frame" aria-hidden="true">
              <Picture product={product} country={country} />
            </span>
            <span>
              {product.name}
              <span class="muted">{`${quantity} × ${show(visit, product.price)}`}</span>
            </span>
            <b class="price">{show(visit, product.price * quantity, "exact")}</b>
          </li>
        ))}
      </ul>
      <Sums visit={visit} totals={totals} />
      <button type="submit" class="button primary wide">
        {say(country, "place_order", { amount: show(visit, totals.total, "exact") })}
      </button>
    </aside>
  );
};

function fieldOf(pointer: string): CheckoutField {
  const name = pointer.slice(1);
  return FIELDS.find((field) => field === name) ?? "name";
}

function errorOf({ errors }: CheckoutForm, field: CheckoutField): string | undefined {
  return errors?.find(({ pointer }) => pointer === `/${field}`)?.detail;
}
