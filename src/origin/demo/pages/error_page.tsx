/** What a person sees when something cannot be shown, in the words and dress of the shop. */
import type { GateContext } from "../../../context.ts";
import type { AppErrorOptions } from "../../../errors/app_error.ts";
import { type ErrorCode, ERRORS } from "../../../errors/codes.ts";
import type { Label } from "../../../../fixtures/shop/labels/en.ts";
import type { ProductId } from "../catalog.ts";
import { COUNTRIES, findCountry, guessCountry } from "../countries.ts";
import { say } from "../words.ts";
import { renderPage } from "./layout.tsx";
import { Nothing } from "./nothing.tsx";
import { hrefOf } from "./visit.ts";

type ErrorLabel = Extract<Label, `error_${string}_text`> extends `${infer Stem}_text` ? Stem
  : never;

/** Errors that have words of their own; the others are told by whose fault they are. */
const LABELS: Readonly<Partial<Record<ErrorCode, ErrorLabel>>> = {
  UNAUTHENTICATED: "error_forbidden",
  FORBIDDEN: "error_forbidden",
  NOT_FOUND: "error_not_found",
  METHOD_NOT_ALLOWED: "error_method",
  CONFLICT: "error_conflict",
  RATE_LIMITED: "error_rate_limited",
};

function labelOf(code: ErrorCode): ErrorLabel {
  const { status, retryable } = ERRORS[code];
  return LABELS[code] ??
    (status < 500 ? "error_invalid" : retryable ? "error_unavailable" : "error_internal");
}

const PICTURES: Readonly<Record<ErrorLabel, ProductId>> = {
  error_invalid: "tare-kitchen-scale",
  error_forbidden: "osk-lantern",
  error_not_found: "atlas-globe",
  error_method: "snip-scissors",
  error_conflict: "quarto-notebooks",
  error_rate_limited: "noon-wall-clock",
  error_internal: "toki-teapot",
  error_unavailable: "dune-bedding",
};

/**
 * The error as a page of the shop, in the language of the country in the path, or else of the
 * browser. `Retry-After` in `options.headers` is told as seconds.
 */
export function renderErrorPage(
  code: ErrorCode,
  request: Request,
  gate: Pick<GateContext, "path" | "requestId" | "nonce">,
  options: AppErrorOptions = {},
): string {
  const { path, requestId } = gate;
  const country = findCountry(path.split("/", 2)[1] ?? "") ??
    guessCountry(request.headers.get("accept-language") ?? undefined) ?? COUNTRIES[0];
  const label = labelOf(code);
  const seconds = options.headers?.["retry-after"] ?? options.headers?.["Retry-After"] ?? "60";
  const title = say(country, label);
  return renderPage({
    visit: { country, address: hrefOf(country), cartCount: 0, nonce: gate.nonce(), nowMs: 0 },
    title,
    children: (
      <Nothing
        country={country}
        picture={PICTURES[label]}
        after={<p class="small muted">{say(country, "error_reference", { id: requestId })}</p>}
      >
        <h1>{title}</h1>
        <p>{say(country, `${label}_text`, { seconds })}</p>
      </Nothing>
    ),
  });
}
