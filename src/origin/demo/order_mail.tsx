/** The mail that confirms an order, in the language it was made in: as plain text, and as HTML. */
import type { ShopOrder } from "../../kv/keys.ts";
import { type Country, findCountry, PAYMENT_METHODS } from "./countries.ts";
import { formatMoney } from "./money.ts";
import { say, sayRegion } from "./words.ts";

export interface OrderMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What both forms say. */
interface Content {
  readonly locale: string;
  readonly greeting: string;
  readonly opening: string;
  /** What was bought, and what it costs. */
  readonly lines: readonly Row[];
  readonly sums: readonly Row[];
  readonly facts: readonly Row[];
  readonly footer: string;
}

type Row = readonly [name: string, value: string];

/** Undefined for an order of a country that is no longer served. */
export function renderOrderMail(order: ShopOrder): OrderMail | undefined {
  const country = findCountry(order.country);
  if (!country) return undefined;
  const content = contentOf(order, country);
  return {
    subject: `Morrow · ${say(country, "order_title", { number: order.id })}`,
    text: textOf(content),
    html: `<!doctype html>${<Page {...content} />}`,
  };
}

function contentOf(order: ShopOrder, country: Country): Content {
  const money = (amount: number) => formatMoney(amount, country, "exact");
  return {
    locale: country.locale,
    greeting: say(country, "order_thanks", { name: order.ship_to.name }),
    opening: say(country, "order_mail_text"),
    lines: order.items.map(({ name, quantity, price }) => [
      `${quantity} × ${name}`,
      money(price * quantity),
    ]),
    sums: [
      [say(country, "subtotal"), money(order.subtotal)],
      [say(country, "delivery"), order.delivery > 0 ? money(order.delivery) : say(country, "free")],
      [say(country, "total"), money(order.total)],
    ],
    facts: factsOf(order, country),
    footer: say(country, "footer_demo"),
  };
}

function factsOf(order: ShopOrder, country: Country): Row[] {
  const { ship_to: to, payment_method } = order;
  const method = PAYMENT_METHODS.find((candidate) => candidate === payment_method);
  const address = [to.name, ...country.address.map((field) => to[field])];
  return [
    [say(country, "order_number"), order.id],
    [say(country, "order_paid_with"), method ? say(country, `pay_${method}`) : payment_method],
    [
      say(country, "order_ship_to"),
      [...address.filter(Boolean), sayRegion(country, country.region)].join(", "),
    ],
  ];
}

function textOf({ greeting, opening, lines, sums, facts, footer }: Content): string {
  const list = (rows: readonly Row[]) => rows.map(([name, value]) => `${name}: ${value}`);
  return [
    greeting,
    "",
    opening,
    "",
    ...lines.map(([name, value]) => `  ${name}  ${value}`),
    "",
    ...list(sums),
    "",
    ...list(facts),
    "",
    "-- ",
    footer,
    "",
  ].join("\n");
}

/** Mail programs know no style sheets, so what little style there is stands at the elements. */
const Page = ({ locale, greeting, opening, lines, sums, facts, footer }: Content) => (
  <html lang={locale}>
    <head>
      <meta charset="utf-8" />
      <title>{greeting}</title>
    </head>
    <body style="margin:0;padding:24px;font:16px/1.5 Georgia,serif;color:#2b2622">
      <h1 style="font-size:24px;font-weight:normal">{greeting}</h1>
      <p>{opening}</p>
      <Table rows={lines} />
      <Table rows={sums} />
      <Table rows={facts} />
      <p style="color:#6f675f;font-size:13px">{footer}</p>
    </body>
  </html>
);

const Table = ({ rows }: { rows: readonly Row[] }) => (
  <table role="presentation" style="width:100%;max-width:560px;border-top:1px solid #d8d0c6">
    {rows.map(([name, value]) => (
      <tr>
        <td style="padding:4px 16px 4px 0">{name}</td>
        <td style="padding:4px 0;text-align:right">{value}</td>
      </tr>
    ))}
  </table>
);
