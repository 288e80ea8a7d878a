/** The first page: where the visitor lives, with the likely country first. Nobody is sent anywhere. */
import { assetUrl } from "../assets.ts";
import { COUNTRIES, type Country } from "../countries.ts";
import { say, sayRegion } from "../words.ts";
import { Icon, Mark } from "./icons.tsx";
import { Document } from "./layout.tsx";
import { hrefOf, type Visit } from "./visit.ts";

/** @param suggested The country the browser's languages speak for, if any. */
export function landingPage(visit: Visit, suggested: Country | undefined): string {
  const { country } = visit;
  const others = COUNTRIES.filter((other) => other !== suggested);
  return `<!doctype html>${(
    <Document visit={visit} title={say(country, "tagline")} description={say(country, "blurb_all")}>
      <header class="top">
        <div class="bar">
          <a class="brand" href="/" aria-current="page">
            <Mark />
            <span>Morrow</span>
          </a>
        </div>
      </header>
      <main id="main" tabindex={-1}>
        <div class="window">
          <img src={assetUrl("/assets/window.svg")} alt="" width={1600} height={600} />
          <div class="window-words">
            <h1>{say(country, "landing_title")}</h1>
            <p>{say(country, "landing_text")}</p>
          </div>
        </div>
        <nav aria-label={say(country, "nav_countries")}>
          <ul class="doors">
            {suggested && <Door country={suggested} hint={say(country, "landing_suggested")} />}
            {others.map(plainDoor)}
          </ul>
        </nav>
      </main>
      <footer class="foot">
        <div>
          <p class="small">{say(country, "footer_demo")}</p>
        </div>
      </footer>
    </Document>
  )}`;
}

const plainDoor = (country: Country) => <Door country={country} />;

const Door = ({ country, hint }: { country: Country; hint?: string }) => {
  const { locale, region, currency, picture } = country;
  const language = new Intl.DisplayNames(locale, { type: "language" }).of(locale.split("-")[0]);
  return (
    <li class={hint ? "door suggested" : "door"}>
      <a href={hrefOf(country)} lang={locale} hreflang={locale}>
        <img
          src={assetUrl(`/assets/products/${picture}.svg`)}
          alt=""
          width={400}
          height={500}
        />
        <span class="door-words">
          {hint && <small class="flag new">{hint}</small>}
          <b>{sayRegion(country, region)}</b>
          <small>{`${language} · ${currency}`}</small>
        </span>
        <Icon name="arrow" />
      </a>
    </li>
  );
};
