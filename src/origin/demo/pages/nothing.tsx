/** What is shown where there is nothing to show: words, a way on, and a picture of something else. */
import type { Child } from "hono/jsx";
import { assetUrl } from "../assets.ts";
import type { ProductId } from "../catalog.ts";
import type { Country } from "../countries.ts";
import { say } from "../words.ts";
import { hrefOf } from "./visit.ts";

export interface NothingProps {
  readonly country: Country;
  readonly picture: ProductId;
  /** Headings and paragraphs. */
  readonly children: Child;
  /** What comes after the way to all products. */
  readonly after?: Child;
  readonly role?: "status";
}

export const Nothing = ({ country, picture, children, after, role }: NothingProps) => (
  <div class="nothing" role={role}>
    {children}
    <a class="button" href={hrefOf(country)}>{say(country, "error_home")}</a>
    {after}
    <span class="frame">
      <img src={assetUrl(`/assets/products/${picture}.svg`)} alt="" width={400} height={500} />
    </span>
  </div>
);
