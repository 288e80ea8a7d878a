/**
 * This site's own address in a value. Apps write whole URLs of themselves into forms (`redirect_to`,
 * `siteurl`) and into their User-Agent; on one's own machine or network these look like a way
 * inside. Such a URL is read like the path it is, as that of a Referer is.
 */
const SCHEMES = ["http", "https", "ws", "wss"];
/** `http://localhost:80@evil` and `http://localhost:8000` are not `http://localhost:80`. */
const ENDS_HOST = /[\/?#\s"'<>),;]/;

/**
 * @param text Lower-case.
 * @param host `name[:port]` as a browser writes it into URLs, lower-case.
 */
export function withoutOwnHost(text: string, host: string): string {
  if (!text.includes(host)) return text;
  let rest = text;
  for (const scheme of SCHEMES) {
    rest = rest.replaceAll(`${scheme}://${host}`, (own, at: number, whole: string) => {
      const next = whole[at + own.length];
      return next === undefined || ENDS_HOST.test(next) ? "" : own;
    });
  }
  return rest;
}
