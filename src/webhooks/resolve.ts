/** The addresses of a host name, as the system resolves it: what a connection would go to. */
import { lookup } from "node:dns/promises";

export async function resolveAddresses(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}
