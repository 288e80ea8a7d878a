/** The cart: what is in it, how many, what it costs. Every change is a form of its own. */
import { type Cart, type CartLine, type Totals, totalsOf } from "../cart.ts";
import { formatPercent } from "../money.ts";
import { say } from "../words.ts";
import { Picture, QuantitySelect } from "./card.tsx";
import { renderPage } from "./layout.tsx";
import { Nothing } from "./nothing.tsx";
import { hrefOf, show, type Visit } from "./visit.ts";

export interface CartNotice {
  readonly tone: "good" | "bad";
  readonly text: string;
}

export function cartPage(visit: Visit, cart: Cart, notice?: CartNotice): string {
  const { country } = visit;
  const title = say(country, "cart_title");
  return renderPage({
    visit,
    title,
    everywhere: true,
    children: (
      <>
        {notice && (
          <p class={`notice ${notice.tone}`} role={notice.tone === "bad" ? "alert" : "status"}>
            {notice.text}
          </p>
        )}
        {cart.length > 0
          ? (
            <>
              <div class="opening">
                <h1>{title}</h1>
              </div>
              <Filled visit={visit} cart={cart} />
            </>
          )
          : (
            <Nothing country={country} picture="mara-mug">
              <h1>{say(country, "cart_empty")}</h1>
              <p>{say(country, "cart_empty_text")}</p>
            </Nothing>
          )}
      </>
    ),
  });
}

const Filled = ({ visit, cart }: { visit: Visit; cart: Cart }) => {
  const { country } = visit;
  const totals = totalsOf(cart, country);
  const row = (line: CartLine) => <Line visit={visit} line={line} />;
  return (
    <div class="split">
      <ul class="lines">
        {cart.map(row)}
      </ul>
      <aside class="panel" aria-labelledby="summary">
        <h2 id="summary">{say(country, "checkout_summary")}</h2>
        <FreeDelivery visit={visit} totals={totals} />
        <Sums visit={visit} totals={totals} />
        <a class="button primary wide" href={hrefOf(country, "checkout")}>
          {say(country, "to_checkout")}
        </a>
        <a class="button quiet wide" href={hrefOf(country)}>{say(country, "continue")}</a>
      </aside>
    </div>
  );
};

const Line = ({ visit, line: { product, quantity } }: { visit: Visit; line: CartLine }) => {
  const { country } = visit;
  const { id, name, kind, price, quantityMax } = product;
  const field = `quantity-${id}`;
  return (
    <li class="line">
      <a class="frame" href={hrefOf(country, `products/${id}`)} tabindex={-1} aria-hidden="true">
        <Picture product={product} country={country} />
      </a>
      <div class="line-words">
        <a href={hrefOf(country, `products/${id}`)}>{name}</a>
        <span class="muted">{kind}</span>
        {quantity > 1 && (
          <span class="muted">{say(country, "each", { amount: show(visit, price) })}</span>
        )}
      </div>
      <b class="price">{show(visit, price * quantity, "exact")}</b>
      <form class="line-form" action={hrefOf(country, "cart")} method="post" data-submit-on-change>
        <input type="hidden" name="product_id" value={id} />
        <label class="hidden" for={field}>{say(country, "quantity_of", { name })}</label>
        <QuantitySelect id={field} max={quantityMax} chosen={quantity} />
        <button type="submit" name="action" value="update" class="button quiet small">
          {say(country, "update")}
        </button>
        <button
          type="submit"
          name="action"
          value="remove"
          class="link"
          aria-label={say(country, "remove_named", { name })}
        >
          {say(country, "remove")}
        </button>
      </form>
    </li>
  );
};

const FreeDelivery = ({ visit, totals }: { visit: Visit; totals: Totals }) => {
  const { country } = visit;
  const { untilFreeDelivery, subtotal } = totals;
  const amount = show(visit, untilFreeDelivery);
  const text = untilFreeDelivery > 0
    ? say(country, "free_delivery_left", { amount })
    : say(country, "free_delivery_reached");
  return (
    <p class="toward">
      <label for="toward">{text}</label>
      <progress id="toward" max={country.delivery.freeFrom} value={subtotal} />
    </p>
  );
};

/** Subtotal, delivery and total; shown at the checkout as well. */
export const Sums = ({ visit, totals }: { visit: Visit; totals: Totals }) => {
  const { country } = visit;
  const { subtotal, delivery, total, tax } = totals;
  const rate = formatPercent(country.taxRate, country);
  return (
    <dl class="sums">
      <dt>{say(country, "subtotal")}</dt>
      <dd>{show(visit, subtotal, "exact")}</dd>
      <dt>{say(country, "delivery")}</dt>
      <dd>{delivery > 0 ? show(visit, delivery, "exact") : say(country, "free")}</dd>
      <dt class="total">{say(country, "total")}</dt>
      <dd class="total">{show(visit, total, "exact")}</dd>
      {tax > 0 && (
        <>
          <dt class="small">{say(country, "tax_included", { rate })}</dt>
          <dd class="small">{show(visit, tax, "exact")}</dd>
        </>
      )}
    </dl>
  );
};
