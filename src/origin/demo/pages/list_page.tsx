/** The shelf: products that answer a search or belong to a category, with sorting and pages. */
import { assetUrl } from "../assets.ts";
import { type Product, SORTS, type Wish } from "../catalog.ts";
import { say, sayCount } from "../words.ts";
import { Cards } from "./card.tsx";
import { Icon } from "./icons.tsx";
import { renderPage } from "./layout.tsx";
import { Nothing } from "./nothing.tsx";
import { hrefOf, type Visit } from "./visit.ts";

export interface Listing {
  readonly wish: Wish;
  /** All that were found, on every page. */
  readonly count: number;
  readonly products: readonly Product[];
  /** How many of the found come before these. */
  readonly offset: number;
  /** Most on one page. */
  readonly limit: number;
}

export function listPage(visit: Visit, listing: Listing): string {
  const { country } = visit;
  const { query, category = "all" } = listing.wish;
  const title = query
    ? `${say(country, "search")}: ${query}`
    : say(country, `category_${category}`);
  return renderPage({
    visit,
    title,
    query,
    category: query ? undefined : category,
    description: say(country, `blurb_${category}`),
    everywhere: true,
    children: (
      <>
        <Opening visit={visit} listing={listing} />
        <section id="results" aria-labelledby="heading">
          <Results visit={visit} listing={listing} />
        </section>
      </>
    ),
  });
}

/** The shop window on the first page; a plain heading elsewhere. */
const Opening = ({ visit: { country }, listing }: { visit: Visit; listing: Listing }) => {
  const { wish: { query, category = "all" }, offset } = listing;
  if (query === "" && category === "all" && offset === 0) {
    return (
      <div class="window">
        <img src={assetUrl("/assets/window.svg")} alt="" width={1600} height={600} />
        <div class="window-words">
          <h1 id="heading">{say(country, "tagline")}</h1>
          <p>{say(country, "blurb_all")}</p>
        </div>
      </div>
    );
  }
  return (
    <div class="opening">
      <h1 id="heading">
        {query ? say(country, "search") : say(country, `category_${category}`)}
      </h1>
      {!query && <p class="lead">{say(country, `blurb_${category}`)}</p>}
    </div>
  );
};

const Results = ({ visit, listing }: { visit: Visit; listing: Listing }) => {
  const { country } = visit;
  const { wish, count, products } = listing;
  if (count === 0) {
    return (
      <Nothing country={country} picture="atlas-globe" role="status">
        <h2>
          {wish.query
            ? say(country, "results_none", { query: wish.query })
            : say(country, "results_none_plain")}
        </h2>
        <p>{say(country, "results_none_hint")}</p>
      </Nothing>
    );
  }
  return (
    <>
      <div class="results-bar">
        <p role="status">
          {sayCount(country, "results", count)}{" "}
          {wish.query && say(country, "results_for", { query: wish.query })}{" "}
          {wish.query && <a href={hrefOf(country)}>{say(country, "search_clear")}</a>}
        </p>
        <SortForm visit={visit} wish={wish} />
      </div>
      <Cards visit={visit} products={products} />
      <Pages visit={visit} listing={listing} />
    </>
  );
};

const SortForm = ({ visit: { country }, wish }: { visit: Visit; wish: Wish }) => (
  <form class="sort" action={hrefOf(country)} method="get" data-submit-on-change>
    {wish.query && <input type="hidden" name="q" value={wish.query} />}
    {wish.category && <input type="hidden" name="category" value={wish.category} />}
    <label for="sort">{say(country, "sort")}</label>
    <select id="sort" name="sort">
      {SORTS.map((sort) => (
        <option value={sort} selected={sort === wish.sort}>{say(country, `sort_${sort}`)}</option>
      ))}
    </select>
    <button type="submit" class="button quiet">{say(country, "apply")}</button>
  </form>
);

const Pages = ({ visit: { country }, listing }: { visit: Visit; listing: Listing }) => {
  const { wish, count, offset, limit } = listing;
  const [page, pages] = [Math.floor(offset / limit) + 1, Math.ceil(count / limit)];
  if (pages === 1) return null;
  const hrefAt = (start: number) => hrefOf(country, `products${searchOf(wish, start)}`);
  return (
    <nav class="pages" aria-label={say(country, "page_of", { page, pages })}>
      {offset > 0 && (
        <a class="button quiet" rel="prev" href={hrefAt(Math.max(0, offset - limit))}>
          <Icon name="back" />
          {say(country, "page_previous")}
        </a>
      )}
      <span class="muted">{say(country, "page_of", { page, pages })}</span>
      {offset + limit < count && (
        <a class="button" rel="next" href={hrefAt(offset + limit)}>
          {say(country, "page_next")}
          <Icon name="arrow" />
        </a>
      )}
    </nav>
  );
};

/** The query of a list's page, without what goes without saying. */
export function searchOf({ query, category, sort }: Wish, offset = 0): string {
  const search = new URLSearchParams();
  if (query) search.set("q", query);
  if (category) search.set("category", category);
  if (sort !== "featured") search.set("sort", sort);
  if (offset > 0) search.set("cursor", String(offset));
  return search.size > 0 ? `?${search}` : "";
}
