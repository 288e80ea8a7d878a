/**
 * What the pages load: style, script, fonts and pictures, all from memory. An address carries the
 * hash of what it names, so a browser keeps it for a year and asks for it once.
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import bricolage from "../../../fixtures/shop/fonts/bricolage-grotesque.woff2" with {
  type: "bytes",
};
import instrument from "../../../fixtures/shop/fonts/instrument-sans.woff2" with { type: "bytes" };
import { catalog } from "../../../fixtures/shop/catalog.ts";
import { drawPicture, drawWindow } from "../../../fixtures/shop/pictures/mod.ts";
import script from "./assets/shop.js" with { type: "text" };
import icon from "./assets/icon.svg" with { type: "text" };
import style from "./assets/shop.css" with { type: "text" };

interface Asset {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly hash: string;
}

type Draft = Omit<Asset, "hash">;

const SVG = "image/svg+xml";
const CSS = "text/css; charset=utf-8";
const FONT = "font/woff2";

const FONTS = {
  "/assets/bricolage-grotesque.woff2": bricolage,
  "/assets/instrument-sans.woff2": instrument,
};

/** How each asset is made; made when it is first named or asked for, then kept. */
const MAKERS = new Map<string, () => Draft>([
  ["/assets/shop.css", () => ({ body: withHashes(style), type: CSS })],
  ["/assets/shop.js", () => ({ body: script, type: "text/javascript; charset=utf-8" })],
  ["/assets/window.svg", () => ({ body: drawWindow(), type: SVG })],
  ["/favicon.svg", () => ({ body: icon, type: SVG })],
  // Browsers ask for this one however the page names its icon.
  ["/favicon.ico", () => ({ body: icon, type: SVG })],
  ["/robots.txt", () => ({ body: ROBOTS, type: "text/plain; charset=utf-8" })],
  ...Object.entries(FONTS).map(([path, body]) => [path, () => ({ body, type: FONT })] as const),
  ...catalog.map(({ id }) =>
    [`/assets/products/${id}.svg`, () => ({ body: drawPicture(id), type: SVG })] as const
  ),
]);

const ROBOTS = "User-agent: *\nDisallow: /*/cart\nDisallow: /*/checkout\nDisallow: /*/orders\n";

const made = new Map<string, Asset>();

function assetOf(path: string): Asset | undefined {
  let asset = made.get(path);
  const make = MAKERS.get(path);
  if (!asset && make) {
    const draft = make();
    const hash = createHash("sha256").update(draft.body).digest("base64url").slice(0, 12);
    made.set(path, asset = { ...draft, hash });
  }
  return asset;
}

const packs = new Map<Asset, Uint8Array<ArrayBuffer>>();

/** The asset's text packed, once for all; undefined for a font, which is packed already. */
function pack(asset: Asset): Uint8Array<ArrayBuffer> | undefined {
  if (typeof asset.body !== "string") return undefined;
  let packed = packs.get(asset);
  if (!packed) packs.set(asset, packed = new Uint8Array(gzipSync(asset.body)));
  return packed;
}

/** The address a page uses: the path with the hash of what is there now. */
export function assetUrl(path: string): string {
  const asset = assetOf(path);
  return asset ? `${path}?v=${asset.hash}` : path;
}

/** The style sheet names fonts by path; here they get their hashes. */
function withHashes(css: string): string {
  return css.replace(
    /url\("(\/assets\/[^"]+)"\)/g,
    (_, path: string) => `url("${assetUrl(path)}")`,
  );
}

/** The asset, or 304 when the client has it; undefined when there is none at this path. */
export function answerAsset(request: Request, path: string): Response | undefined {
  const asset = assetOf(path);
  if (!asset) return undefined;
  const packed = acceptsGzip(request) ? pack(asset) : undefined;
  // Two ways of writing the same thing need two names, or a cache may mix them up.
  const etag = packed ? `"${asset.hash}-gzip"` : `"${asset.hash}"`;
  const headers = new Headers({
    "content-type": asset.type,
    etag,
    vary: "Accept-Encoding",
    "cache-control": request.url.endsWith(`?v=${asset.hash}`)
      ? "public, max-age=31536000, immutable"
      : "public, max-age=3600",
  });
  const known = request.headers.get("if-none-match");
  if (known?.includes(`"${asset.hash}`)) return new Response(null, { status: 304, headers });
  if (packed) headers.set("content-encoding", "gzip");
  return new Response(packed ?? asset.body, { headers });
}

function acceptsGzip(request: Request): boolean {
  const accepted = request.headers.get("accept-encoding") ?? "";
  return /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accepted);
}
