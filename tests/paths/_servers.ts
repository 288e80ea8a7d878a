/**
 * How servers read a path before they look for a page, after their own documentation: the models
 * that the gate's readings are held against.
 */

export interface ServerModel {
  readonly name: string;
  /** The path that its rules see; undefined where it answers 400 itself. */
  readonly read: (sent: string) => string | undefined;
}

function decoded(path: string, keepSlashes = false): string | undefined {
  try {
    const text = keepSlashes ? path.replace(/%(?=2f|5c)/gi, "%25") : path;
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const merged = (path: string) => path.replace(/\/{2,}/g, "/");

function resolved(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
  }
  return `/${kept.filter((segment, at) => segment !== "" || at === kept.length - 1).join("/")}`;
}

const withoutParameters = (path: string) => path.replace(/;[^/]*/g, "");

export const SERVERS: readonly ServerModel[] = [
  {
    // ngx_http_parse_complex_uri: decode, then dots, with merge_slashes.
    name: "nginx",
    read: (sent) => mapped(decoded(sent), (path) => resolved(merged(path))),
  },
  {
    // Routes match what was sent: dots and encoded slashes stay, case and the last slash don't matter.
    name: "Express",
    read: (sent) =>
      mapped(decoded(sent, true), (path) => path.toLowerCase().replace(/(.)\/$/, "$1")),
  },
  {
    // Parameters off, then decode, then dots (UrlPathHelper); a suffix names the format.
    name: "Spring",
    read: (sent) =>
      mapped(
        decoded(withoutParameters(sent)),
        (path) => resolved(merged(path)).replace(/(.)\/$/, "$1").replace(/\.[a-z0-9]{1,10}$/i, ""),
      ),
  },
  {
    // Backslashes are slashes, case means nothing, blanks and dots at a name's end neither; NUL is 400.
    name: "IIS",
    read: (sent) =>
      mapped(decoded(sent), (path) => {
        if (path.includes("\0")) return undefined;
        const slashed = resolved(merged(path.replaceAll("\\", "/").toLowerCase()));
        return slashed.split("/").map((part) => part.replace(/[. ]+$/, "")).join("/");
      }),
  },
  {
    // Apache with PHP: what follows the script is PATH_INFO.
    name: "PHP",
    read: (sent) =>
      mapped(decoded(sent, true), (path) => resolved(merged(path)).replace(/(\.php)\/.*$/, "$1")),
  },
  {
    // `new URL(request.url, base)`, as many handlers begin: what follows two slashes is a host.
    name: "Node.js with URL",
    read: (sent) =>
      mapped(URL.parse(sent, "http://localhost")?.pathname, (path) => decoded(path, true)),
  },
  {
    // A proxy that decodes in front of a server that decodes.
    name: "decoded twice",
    read: (sent) =>
      mapped(mapped(decoded(sent), decoded), (path) => resolved(merged(path.split(/[?#]/)[0]))),
  },
];

function mapped(
  path: string | undefined,
  then: (path: string) => string | undefined,
): string | undefined {
  return path === undefined ? undefined : then(path);
}
