/**
 * Which host the origin is asked for. An app of one's own compares what it is asked for with what
 * the browser says (`Origin`, `Referer`), and builds links and redirects from it, so it must hear
 * the public name; a host of somebody else's answers to its own name only.
 */

/** Names that public DNS does not know (RFC 6761, 8375, and 6762 with its appendix G). */
const LOCAL_NAME = /\.(?:localhost|local|internal|intranet|private|corp|home|lan|home\.arpa|test)$/;

export interface ToldHostOptions {
  /** `ORIGIN_HOST`: `preserve`, `origin`, a host with or without a port, or nothing. */
  readonly setting: string | undefined;
  readonly origin: URL;
  /** Whether an address is nobody's on the public internet. */
  readonly isLocalAddress: (ip: string) => boolean;
}

/** The one host that the origin is told, or undefined when it is told the public one. */
export function toldHost(
  { setting, origin, isLocalAddress }: ToldHostOptions,
): string | undefined {
  const rule = setting ?? (isLocal(origin.hostname, isLocalAddress) ? "preserve" : "origin");
  if (rule === "preserve") return undefined;
  return rule === "origin" ? origin.host : rule.toLowerCase();
}

function isLocal(hostname: string, isLocalAddress: (ip: string) => boolean): boolean {
  const name = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  // One word is a name of a hosts file, of Docker or of Kubernetes; an IPv6 address has no dot.
  if (!name.includes(".") && !name.includes(":")) return true;
  return LOCAL_NAME.test(name) || isLocalAddress(name);
}
