/** The products as a country sees them: its words, its prices, found by id or by any word. */
import { catalog, type Category, type ProductId } from "../../../fixtures/shop/catalog.ts";
import { DAY } from "../../time.ts";
import { COUNTRIES, type Country, type CountryCode } from "./countries.ts";
import { say } from "./words.ts";

export type { Category, ProductId };

export const CATEGORIES: readonly Category[] = [
  "lighting",
  "table",
  "kitchen",
  "textiles",
  "desk",
  "garden",
];

export const SORTS = ["featured", "newest", "price_low", "price_high", "rating"] as const;
export type Sort = (typeof SORTS)[number];

/** Most of one product in one order, however many there are. */
export const QUANTITY_MAX = 10;

/** Stock from which a page says that few are left. */
const FEW = 5;
/** How long a product is called new. */
const NEW_MS = 60 * DAY;

/** One product in one country. */
export interface Product {
  readonly id: ProductId;
  readonly category: Category;
  readonly name: string;
  readonly kind: string;
  readonly about: string;
  /** Minor units of the country's currency. */
  readonly price: number;
  readonly stock: number;
  readonly fewLeft: boolean;
  /** Most that one order may hold; 0 when sold out. */
  readonly quantityMax: number;
  readonly rating: { readonly average: number; readonly count: number };
  /** Width and height. */
  readonly sizeMm: readonly [number, number];
  readonly weightGrams: number;
  /** In the country's language. */
  readonly materials: readonly string[];
  /** ISO 3166. */
  readonly madeIn: string;
  /** ISO 8601 date; sorts as text. */
  readonly addedOn: string;
}

/** What a list of products is asked for. */
export interface Wish {
  readonly query: string;
  readonly category?: Category;
  readonly sort: Sort;
}

export interface Shelf {
  find(id: string): Product | undefined;
  /** Every product that answers the wish, in the order it asks for. */
  list(wish: Wish): readonly Product[];
  /** Up to `count` others that go with it: first those it shares a material or a shelf with. */
  related(product: Product, count: number): readonly Product[];
}

const shelves = new Map<CountryCode, Shelf>();

/** The country's products; read from the fixtures when first asked for. */
export function shelfOf(country: Country): Shelf {
  let shelf = shelves.get(country.code);
  if (!shelf) shelves.set(country.code, shelf = createShelf(country));
  return shelf;
}

export function isNew({ addedOn }: Product, nowMs: number): boolean {
  return nowMs - Date.parse(addedOn) < NEW_MS;
}

function createShelf(country: Country): Shelf {
  const products = featured().map((record) => toProduct(record, country));
  const byId = new Map<string, Product>(products.map((product) => [product.id, product]));
  const names = new Map(products.map((it) => [it, fold(`${it.name} ${it.kind}`)]));
  const texts = new Map(products.map((product) => [product, searchText(product, country)]));

  return {
    find: (id) => byId.get(id),
    list({ query, category, sort }) {
      const words = fold(query).split(/\s+/).filter(Boolean);
      const found = products.filter((product) =>
        (!category || product.category === category) &&
        words.every((word) => texts.get(product)?.includes(word))
      );
      if (sort !== "featured") return found.sort(ORDERS[sort]);
      const isCalled = new Set(
        found.filter((product) => words.every((word) => names.get(product)?.includes(word))),
      );
      return [...isCalled, ...found.filter((product) => !isCalled.has(product))];
    },
    related(product, count) {
      const nearness = (other: Product) =>
        (other.category === product.category ? 2 : 0) +
        other.materials.filter((material) => product.materials.includes(material)).length;
      return products.filter((other) => other !== product && other.stock > 0)
        .sort((a, b) => nearness(b) - nearness(a))
        .slice(0, count);
    },
  };
}

const ORDERS: Readonly<Record<Exclude<Sort, "featured">, (a: Product, b: Product) => number>> = {
  newest: (a, b) => b.addedOn.localeCompare(a.addedOn),
  price_low: (a, b) => a.price - b.price,
  price_high: (a, b) => b.price - a.price,
  rating: (a, b) => b.rating.average - a.rating.average || b.rating.count - a.rating.count,
};

type ProductRecord = (typeof catalog)[number];

/** One of each category in turn, so that the first page shows what there is, and in many colours. */
function featured(): ProductRecord[] {
  const places = new Map<Category, number>();
  const placed = catalog.map((record) => {
    const row = places.get(record.category) ?? 0;
    places.set(record.category, row + 1);
    const column = (CATEGORIES.indexOf(record.category) + row) % CATEGORIES.length;
    return { record, place: row * CATEGORIES.length + column };
  });
  return placed.sort((a, b) => a.place - b.place).map(({ record }) => record);
}

function toProduct(record: ProductRecord, country: Country): Product {
  const { id, category, name, stock, rating, sizeMm, weightGrams, madeIn, addedOn } = record;
  return {
    id,
    category,
    name,
    ...country.products[id],
    price: record.prices[country.code],
    stock,
    fewLeft: stock > 0 && stock <= FEW,
    quantityMax: Math.min(stock, QUANTITY_MAX),
    rating,
    sizeMm,
    weightGrams,
    materials: record.materials.map((material) => say(country, `material_${material}`)),
    madeIn,
    addedOn,
  };
}

function searchText({ id, name, kind, about, category, materials }: Product, country: Country) {
  const shelf = say(country, `category_${category}`);
  // A "Leuchte" is looked for as "Lampe" too, and by those who do not speak the language at all.
  const kinds = COUNTRIES.map(({ products }) => products[id].kind);
  return fold([name, kind, shelf, ...materials, about, ...kinds].join(" "));
}

/** Letters without case, accents, width or kana form, so that words meet however they are typed. */
export function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("ß", "ss")
    .replace(/[ぁ-ゖ]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) + 0x60));
}
