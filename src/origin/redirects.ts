/**
 * Turns addresses of the origin's own into the public ones, in `Location` and `Content-Location`:
 * a browser that followed the origin's address would walk round the gate, or reach nothing.
 */

export interface PublicPlace {
  readonly scheme: "http" | "https";
  readonly host: string;
}

export interface OriginPlace {
  /** The address behind the gate, with the path that stands for the public root. */
  readonly origin: URL;
  /** The host the origin was asked for: the public one, its own, or one that was chosen. */
  readonly told: string;
}

/**
 * @param location As the origin sent it, absolute or relative.
 * @returns The same reference seen from outside; other sites' addresses come back unchanged.
 */
export function publicLocation(location: string, from: OriginPlace, place: PublicPlace): string {
  const [, scheme, authority, rest] = /^(https?:)?\/\/([^/?#]*)(.*)$/is.exec(location) ?? [];
  const { origin } = from;
  if (authority === undefined) {
    return location.startsWith("/") ? withoutPrefix(location, origin) : location;
  }
  const text = `${scheme ?? origin.protocol}//${authority}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !isOrigins(url, from, place)) return location;
  const start = scheme === undefined ? "" : `${place.scheme}:`;
  return `${start}//${place.host}${withoutPrefix(rest, origin)}`;
}

/** Whether the origin means itself. */
function isOrigins(url: URL, { origin, told }: OriginPlace, place: PublicPlace): boolean {
  if (isAt(url, origin.host, origin)) return true;
  if (told !== place.host) return isAt(url, told, origin);
  if (url.hostname !== nameOf(place.host)) return false;
  // An app that was told the public host may add the port it listens on itself, or take HTTPS for
  // HTTP; where it sends somebody from HTTP to HTTPS, it means that.
  if (url.port !== "" && url.port === origin.port) return true;
  const isUpgrade = url.protocol === "https:" && place.scheme === "http";
  return !isUpgrade && url.port === place.host.slice(nameOf(place.host).length + 1);
}

/** Under either scheme: behind TLS that ends in front, apps often guess wrong. */
function isAt(url: URL, host: string, origin: URL): boolean {
  if (url.host === host) return true;
  return url.hostname === nameOf(host) && (url.port === "" || url.port === origin.port);
}

const nameOf = (host: string) => host.replace(/:\d+$/, "");

function withoutPrefix(rest: string, origin: URL): string {
  const prefix = origin.pathname.replace(/\/$/, "");
  if (prefix === "" || !rest.startsWith(prefix)) return rest;
  const inside = rest.slice(prefix.length);
  if (inside === "") return "/";
  if (inside.startsWith("/")) return inside;
  return /^[?#]/.test(inside) ? `/${inside}` : rest;
}
