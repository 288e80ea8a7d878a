/** One product: its picture, what it is, what it costs, and the form that puts it in the cart. */
import type { Product } from "../catalog.ts";
import { formatMoney } from "../money.ts";
import { formatSize, formatWeight } from "../measures.ts";
import { say, sayRegion } from "../words.ts";
import { Cards, Picture, QuantitySelect, Rating } from "./card.tsx";
import { Icon } from "./icons.tsx";
import { renderPage } from "./layout.tsx";
import { hrefOf, show, type Visit } from "./visit.ts";

export function productPage(visit: Visit, product: Product, related: readonly Product[]): string {
  const { country } = visit;
  const { name, kind, category, about } = product;
  return renderPage({
    visit,
    title: `${name}, ${kind}`,
    category,
    description: about,
    everywhere: true,
    children: (
      <>
        <article class="product">
          <div class="frame">
            <Picture product={product} country={country} eager />
          </div>
          <div class="product-words">
            <p class="crumb">
              <a href={hrefOf(country, `products?category=${category}`)}>
                {say(country, `category_${category}`)}
              </a>
            </p>
            <h1>{name}</h1>
            <p class="kind">{kind}</p>
            <Rating country={country} product={product} long />
            <p class="price large">{show(visit, product.price)}</p>
            <p class="about">{about}</p>
            <Buy visit={visit} product={product} />
            <Promises visit={visit} />
            <Details visit={visit} product={product} />
          </div>
        </article>
        <section class="related" aria-labelledby="related">
          <h2 id="related">{say(country, "related")}</h2>
          <Cards visit={visit} products={related} />
        </section>
      </>
    ),
  });
}

const Buy = ({ visit: { country }, product }: { visit: Visit; product: Product }) => {
  const { id, stock, fewLeft, quantityMax } = product;
  if (stock === 0) return <p class="stock out">{say(country, "sold_out_long")}</p>;
  return (
    <>
      <p class="stock">
        <Icon name="check" />
        {fewLeft ? say(country, "badge_low", { count: stock }) : say(country, "in_stock")}
      </p>
      <form class="buy" action={hrefOf(country, "cart")} method="post" data-add>
        <input type="hidden" name="action" value="add" />
        <input type="hidden" name="product_id" value={id} />
        <label class="hidden" for="quantity">{say(country, "quantity")}</label>
        <QuantitySelect id="quantity" max={quantityMax} chosen={1} />
        <button type="submit" class="button primary">{say(country, "add")}</button>
      </form>
    </>
  );
};

const Promises = ({ visit: { country } }: { visit: Visit }) => {
  const { fee, freeFrom, days: [from, to] } = country.delivery;
  const amounts = { amount: formatMoney(fee, country), free: formatMoney(freeFrom, country) };
  return (
    <ul class="promises">
      <li>
        <Icon name="truck" />
        {say(country, "promise_delivery", { from, to })}
      </li>
      <li>
        <Icon name="box" />
        {say(country, "promise_free", amounts)}
      </li>
      <li>
        <Icon name="returns" />
        {say(country, "promise_returns")}
      </li>
    </ul>
  );
};

const Details = ({ visit: { country }, product }: { visit: Visit; product: Product }) => {
  const materials = new Intl.ListFormat(country.locale).format(product.materials);
  return (
    <section class="details" aria-labelledby="details">
      <h2 id="details">{say(country, "details")}</h2>
      <dl>
        <dt>{say(country, "size")}</dt>
        <dd>{formatSize(product.sizeMm, country)}</dd>
        <dt>{say(country, "weight")}</dt>
        <dd>{formatWeight(product.weightGrams, country)}</dd>
        <dt>{say(country, "material")}</dt>
        <dd>{materials}</dd>
        <dt>{say(country, "made_in")}</dt>
        <dd>{sayRegion(country, product.madeIn)}</dd>
      </dl>
    </section>
  );
};
