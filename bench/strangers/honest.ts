/**
 * What people do meanwhile: pages, searches and small forms from 40 addresses, 60 requests a
 * second. Arguments: URL, seconds. Prints what they saw as one line of JSON.
 */
const [url, seconds] = [Deno.args[0], Number(Deno.args[1])];
const PER_SECOND = 60;
const ADDRESSES = 40;

const waits: number[] = [];
const statuses: Record<string, number> = {};
const until = performance.now() + seconds * 1_000;
const underWay = new Set<Promise<void>>();
for (let count = 0; performance.now() < until; count++) {
  const asked = ask(count).finally(() => underWay.delete(asked));
  underWay.add(asked);
  await new Promise((resolve) => setTimeout(resolve, 1_000 / PER_SECOND));
}
await Promise.all(underWay);
waits.sort((a, b) => a - b);
const at = (share: number) => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))];
console.log(JSON.stringify({ statuses, p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) }));

async function ask(count: number): Promise<void> {
  const headers = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "accept": "text/html",
    "x-forwarded-for": `198.51.100.${1 + count % ADDRESSES}`,
  };
  const start = performance.now();
  let status = "failed";
  try {
    const response = count % 5 === 0
      ? await fetch(`${url}/contact`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify({
          name: "Anna O'Brien",
          message: "Is the lamp back in May? ".repeat(9),
        }),
      })
      : await fetch(`${url}/us/products/${count % 97}?q=desk+lamp`, { headers });
    await response.arrayBuffer();
    status = String(response.status);
  } catch {
    // A connection that broke is counted as what it is.
  }
  waits.push(performance.now() - start);
  statuses[status] = (statuses[status] ?? 0) + 1;
}
