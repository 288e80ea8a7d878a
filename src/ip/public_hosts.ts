/**
 * Which host a request is for, and whether it is one of ours. An app puts that host into the links
 * of its mails, so a stranger who may choose it sends people's reset links to himself.
 */
import type { ClientAddress } from "../context.ts";
import { createRecent } from "../resilience/recent.ts";
import { lastMember } from "./forwarded.ts";

export interface PublicHosts {
  /** Lower-case `host[:port]`; empty when the request named none, or what is not a host. */
  of(client: ClientAddress, request: Pick<Request, "url" | "headers">): string;
  /** Whether `PUBLIC_HOSTS` names it, or nothing is named. */
  isOurs(host: string): boolean;
}

/** A name or address with an optional port, and nothing that could turn a URL another way. */
const HOST =
  /^(?:[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_.])?|\[[0-9a-f:.]{2,45}\])(?::([1-9]\d{0,4}))?$/;
const HOST_TEXT_MAX = 260;
const PORT_MAX = 65_535;

/** Hosts remembered; a stranger who makes up more only has them read anew. */
const READ_MAX = 1_000;

/** @param names Hosts as `PUBLIC_HOSTS` has them: `name`, `name:port`, `*.name`. */
export function createPublicHosts(names: readonly string[]): PublicHosts {
  const isOurs = names.length === 0 ? () => true : createMatch(names);
  const known = createRecent<string>(READ_MAX);
  /** The last pair that was read: nearly all requests bring the same. */
  let last = { authority: "", named: "", host: "" };

  const read = (text: string): string => {
    const seen = known.get(text);
    if (seen !== undefined) return seen;
    const host = cleanHost(text);
    if (text.length <= HOST_TEXT_MAX) known.set(text, host);
    return host;
  };

  return {
    isOurs,
    of(client, { url, headers }) {
      const word = client.viaTrustedProxy ? lastMember(headers.get("x-forwarded-host")) : undefined;
      const forwarded = word && read(word);
      if (forwarded) return forwarded;
      // Deno writes the target's own host in front of the path, be it of an absolute target (which
      // RFC 9112, 3.2.2 lets beat `Host`) or of HTTP/2, and `Host` where the target has none.
      const authority = authorityOf(url);
      const named = headers.get("host");
      if (named === null) return read(authority);
      if (last.authority !== authority || last.named !== named) {
        // Either may be left out of an answer to nothing: an empty or odd `Host` reads as localhost.
        last = { authority, named, host: read(named) && read(authority) };
      }
      return last.host;
    },
  };
}

/** What stands between scheme and path, which always begins with a slash in a request of sense. */
function authorityOf(url: string): string {
  const start = url.indexOf("://") + 3;
  const end = url.indexOf("/", start);
  return end === -1 ? "" : url.slice(start, end);
}

function cleanHost(text: string): string {
  if (text.length > HOST_TEXT_MAX) return "";
  const host = text.toLowerCase();
  const [, port] = HOST.exec(host) ?? [undefined, "none"];
  if (port !== undefined && !(Number(port) <= PORT_MAX)) return "";
  // Not every run of digits and colons is an address: `1.2.3.999`, `[:::]`.
  return URL.canParse(`http://${host}/`) ? host : "";
}

function createMatch(names: readonly string[]): (host: string) => boolean {
  const exact = new Set<string>();
  const below: string[] = [];
  for (const name of names.map((name) => name.toLowerCase())) {
    if (name.startsWith("*.")) below.push(name.slice(1));
    else exact.add(name);
  }
  return (host) => {
    const name = host.replace(/:\d+$/, "");
    // A dot at the end says that the name is whole, and is the same name.
    const bare = name.replace(/\.$/, "");
    const full = bare + host.slice(name.length);
    return exact.has(bare) || exact.has(full) ||
      below.some((end) => bare.endsWith(end) || full.endsWith(end));
  };
}
