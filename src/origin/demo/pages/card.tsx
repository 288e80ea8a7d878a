/** A product as it stands on a shelf: picture, name, price, and a button that puts it in the cart. */
import { assetUrl } from "../assets.ts";
import { isNew, type Product } from "../catalog.ts";
import type { Country } from "../countries.ts";
import { formatNumber, say, sayCount } from "../words.ts";
import { Icon, Star } from "./icons.tsx";
import { hrefOf, show, type Visit } from "./visit.ts";

/** The address of the product's picture. */
export function pictureUrl({ id }: Pick<Product, "id">): string {
  return assetUrl(`/assets/products/${id}.svg`);
}

export const Picture = (
  { product, country, eager }: { product: Product; country: Country; eager?: boolean },
) => (
  <img
    src={pictureUrl(product)}
    alt={say(country, "picture_of", { name: product.name, kind: product.kind })}
    width={400}
    height={500}
    loading={eager ? undefined : "lazy"}
    decoding="async"
  />
);

/** Most cards that a screen shows at once; their pictures are loaded without waiting. */
const FIRST_SCREEN = 4;

export const Cards = ({ visit, products }: { visit: Visit; products: readonly Product[] }) => (
  <ul class="cards">
    {products.map((product, index) => (
      <Card visit={visit} product={product} eager={index < FIRST_SCREEN} />
    ))}
  </ul>
);

const Card = ({ visit, product, eager }: { visit: Visit; product: Product; eager: boolean }) => {
  const { country } = visit;
  const { id, name, kind, price, stock } = product;
  return (
    <li class={stock === 0 ? "card gone" : "card"}>
      <a class="card-link" href={hrefOf(country, `products/${id}`)}>
        <span class="frame">
          <Picture product={product} country={country} eager={eager} />
        </span>
        <span class="card-name">{name}</span>
        <span class="card-kind">{kind}</span>
      </a>
      <p class="card-facts">
        <b class="price">{show(visit, price)}</b>
        <Rating country={country} product={product} />
      </p>
      <Badge visit={visit} product={product} />
      {stock > 0 && (
        <form class="quick" action={hrefOf(country, "cart")} method="post" data-add>
          <input type="hidden" name="action" value="add" />
          <input type="hidden" name="product_id" value={id} />
          <button type="submit" aria-label={say(country, "add_named", { name })}>
            <Icon name="plus" />
          </button>
        </form>
      )}
    </li>
  );
};

const Badge = ({ visit: { country, nowMs }, product }: { visit: Visit; product: Product }) => {
  const { stock, fewLeft } = product;
  if (stock === 0) return <p class="flag">{say(country, "badge_sold_out")}</p>;
  if (fewLeft) return <p class="flag few">{say(country, "badge_low", { count: stock })}</p>;
  if (isNew(product, nowMs)) return <p class="flag new">{say(country, "badge_new")}</p>;
  return null;
};

/** One star and a number; the whole sentence is for those who do not see it. */
export const Rating = (
  { country, product, long }: { country: Country; product: Product; long?: boolean },
) => {
  const average = formatNumber(product.rating.average, country);
  return (
    <span class="rating">
      <Star />
      <span class="hidden">{say(country, "rating", { average })}</span>
      <span aria-hidden="true">{average}</span>
      {long && <span class="muted">{sayCount(country, "rating_count", product.rating.count)}</span>}
    </span>
  );
};

/** How many: everything one may choose, so that no wrong number can be typed. */
export const QuantitySelect = (
  { id, max, chosen }: { id: string; max: number; chosen: number },
) => (
  <select id={id} name="quantity">
    {Array.from({ length: max }, (_, index) => index + 1).map((quantity) => (
      <option value={quantity} selected={quantity === chosen}>{quantity}</option>
    ))}
  </select>
);
