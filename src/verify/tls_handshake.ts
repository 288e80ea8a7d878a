/**
 * Two looks at a server's TLS: an ordinary handshake, for what a browser of today would get, and an
 * offer of TLS 1.1 at most, written by hand because no library of today makes one.
 */
import tls from "node:tls";
import { ProbeError } from "./probe.ts";

export interface Handshake {
  /** `TLSv1.3` */
  readonly protocol: string;
  /** Why the certificate is not trusted for this host; undefined when it is. */
  readonly distrust?: string;
  /** Unix time in milliseconds. */
  readonly validUntil: number;
}

export interface Endpoint {
  /** As a URL has it: IPv6 in brackets. */
  readonly hostname: string;
  readonly port: number;
}

const TIMEOUT_MS = 10_000;
const IP = /^(?:[\d.]+|\[.*\])$/;

/** Throws `ProbeError` when there is no TLS to be had. */
export function shakeHands(
  { hostname, port }: Endpoint,
  caCerts: readonly string[] = [],
): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      host: bare(hostname),
      port,
      rejectUnauthorized: false,
      ...IP.test(hostname) ? {} : { servername: hostname },
      ...caCerts.length > 0 ? { ca: [...tls.rootCertificates, ...caCerts] } : {},
    }, () => {
      const { authorized, authorizationError } = socket;
      resolve({
        protocol: socket.getProtocol() ?? "unknown",
        distrust: authorized ? undefined : String(authorizationError),
        validUntil: Date.parse(socket.getPeerCertificate().valid_to),
      });
      socket.destroy();
    });
    const giveUp = (why: string) => {
      socket.destroy();
      reject(new ProbeError(`No TLS at ${hostname}:${port}: ${why}`));
    };
    socket.setTimeout(TIMEOUT_MS, () => giveUp("no answer"));
    socket.on("error", ({ message }) => giveUp(message));
  });
}

/** Whether the server goes on with a client that knows nothing newer than TLS 1.1. */
export async function takesOldTls({ hostname, port }: Endpoint): Promise<boolean> {
  const connection = await Deno.connect({ hostname: bare(hostname), port }).catch((error) => {
    throw new ProbeError(`No connection to ${hostname}:${port}`, { cause: error });
  });
  const timer = setTimeout(() => connection.close(), TIMEOUT_MS);
  try {
    await connection.write(oldClientHello(hostname));
    const head = new Uint8Array(6);
    let length = 0;
    while (length < head.length) {
      const read = await connection.read(head.subarray(length));
      if (read === null) return false;
      length += read;
    }
    // A record of a handshake that begins with ServerHello; a refusal is an alert, or the end.
    return head[0] === 22 && head[5] === 2;
  } catch {
    // A reset says no as well.
    return false;
  } finally {
    clearTimeout(timer);
    try {
      connection.close();
    } catch {
      // The timer was faster.
    }
  }
}

const bare = (hostname: string) => hostname.replace(/^\[|\]$/g, "");

const TLS_1_0 = [3, 1];
const TLS_1_1 = [3, 2];

/** All suites of those versions that a server of the last ten years may still have. */
const OLD_SUITES = [
  0xc009, // ECDHE-ECDSA-AES128-SHA
  0xc00a, // ECDHE-ECDSA-AES256-SHA
  0xc013, // ECDHE-RSA-AES128-SHA
  0xc014, // ECDHE-RSA-AES256-SHA
  0x0033, // DHE-RSA-AES128-SHA
  0x0039, // DHE-RSA-AES256-SHA
  0x002f, // AES128-SHA
  0x0035, // AES256-SHA
  0x000a, // DES-CBC3-SHA
  0x00ff, // secure renegotiation
];
const GROUPS = [0x001d, 0x0017, 0x0018];

/** RFC 4346 7.4.1.2, with the extensions of RFC 6066 and RFC 8422. */
function oldClientHello(hostname: string): Uint8Array<ArrayBuffer> {
  const name = [...new TextEncoder().encode(hostname)];
  const extensions = [
    ...IP.test(hostname) ? [] : [0, 0, ...sized(2, sized(2, [0, ...sized(2, name)]))],
    ...[0, 10, ...sized(2, sized(2, GROUPS.flatMap(twoBytes)))],
    ...[0, 11, ...sized(2, sized(1, [0]))],
  ];
  const hello = [
    ...TLS_1_1,
    ...crypto.getRandomValues(new Uint8Array(32)),
    ...sized(1, []),
    ...sized(2, OLD_SUITES.flatMap(twoBytes)),
    ...sized(1, [0]),
    ...sized(2, extensions),
  ];
  return new Uint8Array([22, ...TLS_1_0, ...sized(2, [1, ...sized(3, hello)])]);
}

const twoBytes = (value: number) => [value >> 8, value & 255];

/** Bytes with their number in front of them, in so many bytes. */
function sized(width: number, bytes: readonly number[]): number[] {
  const size = Array.from({ length: width }, (_, at) => bytes.length >> 8 * (width - 1 - at) & 255);
  return [...size, ...bytes];
}
