/**
 * Turns addresses of the origin's own into the public ones, in `Location` and `Content-Location`:
 * a browser that followed the origin's address would walk round the gate, or reach nothing.
 */

export interface PublicPlace {
  readonly scheme: "http" | "https";
  readonly host: string;
}

/**
 * @param location As the origin sent it, absolute or relative.
 * @param origin The address behind the gate, with the path that stands for the public root.
 * @returns The same reference seen from outside; other sites' addresses come back unchanged.
 */
export function publicLocation(location: string, origin: URL, place: PublicPlace): string {
  const [, scheme, authority, rest] = /^(https?:)?\/\/([^/?#]*)(.*)$/is.exec(location) ?? [];
  if (authority === undefined) {
    return location.startsWith("/") ? withoutPrefix(location, origin) : location;
  }
  if (!isSameHost(authority, scheme ?? origin.protocol, origin)) return location;
  const start = scheme === undefined ? "" : `${place.scheme}:`;
  return `${start}//${place.host}${withoutPrefix(rest, origin)}`;
}

/** The origin's host under either scheme: behind TLS that ends in front, apps often guess wrong. */
function isSameHost(authority: string, scheme: string, origin: URL): boolean {
  const text = `${scheme}//${authority}`;
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.host === origin.host || (url.port === "" && url.hostname === origin.hostname);
}

function withoutPrefix(rest: string, origin: URL): string {
  const prefix = origin.pathname.replace(/\/$/, "");
  if (prefix === "" || !rest.startsWith(prefix)) return rest;
  const inside = rest.slice(prefix.length);
  if (inside === "") return "/";
  if (inside.startsWith("/")) return inside;
  return /^[?#]/.test(inside) ? `/${inside}` : rest;
}
