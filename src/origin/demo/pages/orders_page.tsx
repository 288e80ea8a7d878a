/** What was ordered: all orders of a visitor, and one of them, which is its confirmation too. */
import type { ShopOrder } from "../../../kv/keys.ts";
import { COUNTRIES, type Country, PAYMENT_METHODS } from "../countries.ts";
import { formatMoney } from "../money.ts";
import type { OrdersPage } from "../orders.ts";
import { shelfOf } from "../catalog.ts";
import { say, sayCount, sayRegion } from "../words.ts";
import { Picture } from "./card.tsx";
import { Icon } from "./icons.tsx";
import { renderPage } from "./layout.tsx";
import { Nothing } from "./nothing.tsx";
import { hrefOf, type Visit } from "./visit.ts";

/** How an order's own country writes money; an order keeps its currency wherever it is shown. */
function moneyOf({ country: code }: ShopOrder, { country }: Visit) {
  const own = COUNTRIES.find((candidate) => candidate.code === code) ?? country;
  return (amount: number) => formatMoney(amount, country, "exact", own);
}

function formatDate(ms: number, { locale }: Country, style: "long" | "medium" = "long"): string {
  // The server does not know the visitor's clock; the day is told in UTC, as JSON has it.
  return new Date(ms).toLocaleDateString(locale, { dateStyle: style, timeZone: "UTC" });
}

export function ordersPage(visit: Visit, { items, next_cursor }: OrdersPage): string {
  const { country } = visit;
  const title = say(country, "orders_title");
  const row = (order: ShopOrder) => <OrderRow visit={visit} order={order} />;
  return renderPage({
    visit,
    title,
    everywhere: true,
    children: (
      <>
        {items.length > 0
          ? (
            <>
              <div class="opening">
                <h1>{title}</h1>
              </div>
              <ul class="orders">{items.map(row)}</ul>
            </>
          )
          : (
            <Nothing country={country} picture="meadow-seed-tin">
              <h1>{say(country, "orders_empty")}</h1>
              <p>{say(country, "orders_empty_text")}</p>
            </Nothing>
          )}
        {next_cursor && (
          <p class="pages">
            <a class="button quiet" href={hrefOf(country, `orders?cursor=${next_cursor}`)}>
              {say(country, "orders_more")}
            </a>
          </p>
        )}
      </>
    ),
  });
}

/** Pictures shown of one order in the list. */
const PICTURES_MAX = 4;

const OrderRow = ({ visit, order }: { visit: Visit; order: ShopOrder }) => {
  const { country } = visit;
  const count = order.items.reduce((sum, { quantity }) => sum + quantity, 0);
  return (
    <li class="order">
      <div class="order-pictures" aria-hidden="true">
        {order.items.slice(0, PICTURES_MAX).map(({ product_id }) => (
          <Thumbnail country={country} id={product_id} />
        ))}
      </div>
      <div class="order-words">
        <a href={hrefOf(country, `orders/${order.id}`)}>
          {say(country, "order_title", { number: order.id })}
        </a>
        <span class="muted">
          {formatDate(order.createdAt, country, "medium")} · {sayCount(country, "items", count)}
        </span>
      </div>
      <b class="price">{moneyOf(order, visit)(order.total)}</b>
    </li>
  );
};

const Thumbnail = ({ country, id }: { country: Country; id: string }) => {
  const product = shelfOf(country).find(id);
  return product
    ? (
      <span class="frame">
        <Picture product={product} country={country} />
      </span>
    )
    : null;
};

/** @param placed Whether the visitor comes straight from the checkout. */
export function orderPage(visit: Visit, order: ShopOrder, placed: boolean): string {
  const { country } = visit;
  const { name, email } = order.ship_to;
  const title = say(country, "order_title", { number: order.id });
  return renderPage({
    visit,
    title,
    children: (
      <>
        <div class={placed ? "opening thanks" : "opening"}>
          {!placed && (
            <p class="crumb">
              <a href={hrefOf(country, "orders")}>{say(country, "orders_title")}</a>
            </p>
          )}
          <h1>{placed ? say(country, "order_thanks", { name }) : title}</h1>
          {placed && <p class="lead">{say(country, "order_thanks_text", { email })}</p>}
          <Steps country={country} />
        </div>
        <div class="split">
          <OrderLines visit={visit} order={order} />
          <OrderFacts country={country} order={order} />
        </div>
      </>
    ),
  });
}

/** Nothing is ever sent, so every order stays at its first step. */
const Steps = ({ country }: { country: Country }) => (
  <ol class="steps" aria-label={say(country, "order_progress")}>
    <li aria-current="step">
      <Icon name="check" />
      {say(country, "order_step_received")}
    </li>
    <li>
      <Icon name="box" />
      {say(country, "order_step_packed")}
    </li>
    <li>
      <Icon name="truck" />
      {say(country, "order_step_sent")}
    </li>
  </ol>
);

const OrderLines = ({ visit, order }: { visit: Visit; order: ShopOrder }) => {
  const { country } = visit;
  const money = moneyOf(order, visit);
  return (
    <section class="panel" aria-labelledby="lines">
      <h2 id="lines">{say(country, "checkout_summary")}</h2>
      <ul class="brief">
        {order.items.map(({ product_id, name, quantity, price }) => (
          <li>
            <Thumbnail country={country} id={product_id} />
            <span>
              {name}
              <span class="muted">{`${quantity} × ${money(price)}`}</span>
            </span>
            <b class="price">{money(price * quantity)}</b>
          </li>
        ))}
      </ul>
      <dl class="sums">
        <dt>{say(country, "subtotal")}</dt>
        <dd>{money(order.subtotal)}</dd>
        <dt>{say(country, "delivery")}</dt>
        <dd>{order.delivery > 0 ? money(order.delivery) : say(country, "free")}</dd>
        <dt class="total">{say(country, "total")}</dt>
        <dd class="total">{money(order.total)}</dd>
      </dl>
    </section>
  );
};

const OrderFacts = ({ country, order }: { country: Country; order: ShopOrder }) => {
  const { name, street, city, region, postcode } = order.ship_to;
  const own = COUNTRIES.find(({ code }) => code === order.country) ?? country;
  const lines: Readonly<Record<string, string>> = { street, city, region, postcode };
  const method = PAYMENT_METHODS.find((candidate) => candidate === order.payment_method);
  return (
    <aside class="facts">
      <dl>
        <dt>{say(country, "order_number")}</dt>
        <dd>{order.id}</dd>
        <dt>{say(country, "order_date")}</dt>
        <dd>{formatDate(order.createdAt, country)}</dd>
        <dt>{say(country, "order_paid_with")}</dt>
        <dd>{method ? say(country, `pay_${method}`) : order.payment_method}</dd>
        <dt>{say(country, "order_ship_to")}</dt>
        <dd>
          <address>
            {name}
            {own.address.map((field) => (
              <>
                <br />
                {lines[field]}
              </>
            ))}
            <br />
            {sayRegion(country, own.region)}
          </address>
        </dd>
      </dl>
      <a class="button" href={hrefOf(country)}>{say(country, "continue")}</a>
    </aside>
  );
};
