/** The frame of every page: head, header with search and cart, footer. */
import type { Child } from "hono/jsx";
import { assetUrl } from "../assets.ts";
import { CATEGORIES, type Category } from "../catalog.ts";
import { COUNTRIES, type Country } from "../countries.ts";
import { formatMoney, formatPercent } from "../money.ts";
import { say, sayRegion } from "../words.ts";
import { Icon, Mark } from "./icons.tsx";
import { hrefOf, inCountry, type Visit } from "./visit.ts";

export interface PageProps {
  readonly visit: Visit;
  readonly title: string;
  readonly children?: Child;
  /** What the search field holds. */
  readonly query?: string;
  readonly category?: Category | "all";
  /** For search engines; a page without it asks not to be kept by them. */
  readonly description?: string;
  /** Whether the page exists in every country, so that the visitor can change there. */
  readonly everywhere?: boolean;
}

/** The whole document as text. */
export function renderPage(props: PageProps): string {
  const { visit, title, children, query, category, description, everywhere } = props;
  return `<!doctype html>${(
    <Document visit={visit} title={title} description={description}>
      <Header visit={visit} query={query} category={category} everywhere={everywhere} />
      <main id="main" tabindex={-1}>{children}</main>
      <Footer country={visit.country} />
      <div class="toast" id="toast" role="status" />
    </Document>
  )}`;
}

/** Head and body, with the link that jumps to the element `main`. */
export const Document = (
  { visit, title, description, children }: Pick<
    PageProps,
    "visit" | "title" | "description" | "children"
  >,
) => (
  <html lang={visit.country.locale}>
    <Head visit={visit} title={title} description={description} />
    <body>
      <a class="skip" href="#main">{say(visit.country, "skip")}</a>
      {children}
    </body>
  </html>
);

const Head = (
  { visit, title, description }: Pick<PageProps, "visit" | "title" | "description">,
) => (
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>{`${title} · Morrow`}</title>
    {description
      ? <meta name="description" content={description} />
      : <meta name="robots" content="noindex" />}
    <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
    <link
      rel="preload"
      href={assetUrl("/assets/bricolage-grotesque.woff2")}
      as="font"
      type="font/woff2"
      crossorigin="anonymous"
    />
    <link rel="stylesheet" href={assetUrl("/assets/shop.css")} />
    <link rel="canonical" href={visit.address} />
    <script type="module" src={assetUrl("/assets/shop.js")} nonce={visit.nonce} />
  </head>
);

const Header = (
  { visit, query = "", category, everywhere }: Omit<PageProps, "title" | "children">,
) => {
  const { country, cartCount } = visit;
  return (
    <header class="top">
      <div class="bar">
        <a class="brand" href={hrefOf(country)} aria-label={say(country, "home")}>
          <Mark />
          <span>Morrow</span>
        </a>
        <search class="search">
          <form action={hrefOf(country)} method="get">
            <label class="hidden" for="q">{say(country, "search")}</label>
            <input
              id="q"
              name="q"
              type="search"
              value={query}
              maxlength={100}
              placeholder={say(country, "search_hint")}
              autocomplete="off"
            />
            <button type="submit" aria-label={say(country, "search")}>
              <Icon name="search" />
            </button>
          </form>
        </search>
        <nav class="tools" aria-label={say(country, "nav_account")}>
          <CountryMenu visit={visit} everywhere={everywhere} />
          <a class="tool" href={hrefOf(country, "orders")}>
            <Icon name="orders" />
            <span>{say(country, "orders")}</span>
          </a>
          <a class="tool" id="cart-link" href={hrefOf(country, "cart")}>
            <Icon name="cart" />
            <span>{say(country, "cart")}</span>
            <b class="badge" id="cart-count" hidden={cartCount === 0}>{cartCount}</b>
          </a>
        </nav>
      </div>
      <Categories country={country} category={category} />
    </header>
  );
};

const Categories = ({ country, category }: { country: Country; category?: Category | "all" }) => (
  <nav class="shelves" aria-label={say(country, "nav_categories")}>
    <ul>
      {(["all", ...CATEGORIES] as const).map((name) => (
        <li>
          <a
            href={hrefOf(country, name === "all" ? "products" : `products?category=${name}`)}
            aria-current={name === category ? "page" : undefined}
          >
            {say(country, `category_${name}`)}
          </a>
        </li>
      ))}
    </ul>
  </nav>
);

const CountryMenu = ({ visit, everywhere }: Pick<PageProps, "visit" | "everywhere">) => {
  const { country } = visit;
  return (
    <details class="countries">
      <summary class="tool">
        <Icon name="globe" />
        <span>{country.region}</span>
        <span class="hidden">{say(country, "country_change")}</span>
      </summary>
      <ul aria-label={say(country, "nav_countries")}>
        {COUNTRIES.map((other) => (
          <li>
            <a
              href={everywhere ? inCountry(visit, other) : hrefOf(other)}
              lang={other.locale}
              hreflang={other.locale}
              aria-current={other === country ? "true" : undefined}
            >
              {sayRegion(other, other.region)}
              <small>{other.currency}</small>
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
};

const Footer = ({ country }: { country: Country }) => {
  const rate = formatPercent(country.taxRate, country);
  const amount = formatMoney(country.delivery.freeFrom, country);
  return (
    <footer class="foot">
      <div>
        <div>
          <p class="brand">
            <Mark />
            <span>Morrow</span>
          </p>
          <p>{say(country, "tagline")}</p>
        </div>
        <div>
          <p class="small">
            {country.taxRate > 0
              ? say(country, "footer_prices_tax", { rate })
              : say(country, "footer_prices", { currency: country.currency })}{" "}
            {say(country, "footer_delivery", { amount })}
          </p>
          <p class="small">{say(country, "footer_demo")}</p>
        </div>
      </div>
    </footer>
  );
};
