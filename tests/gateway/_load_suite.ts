/** Ten thousand requests of every kind at once, each answer compared by hash. */
import { assertEquals, assertLess } from "@std/assert";
import { systemClock } from "../../src/time.ts";
import { Line, type Reply, sha256 } from "./_client.ts";
import { type StartGateway, startOrigin } from "./_process.ts";
import { seededBytes } from "./_seeded.ts";

const REQUESTS = 10_000;
const CONCURRENCY = 64;
const LENGTHS = [0, 1, 100, 1_460, 16_384, 65_537, 150_000];
const ENCODINGS = ["gzip", "br", "deflate", "zstd"];

interface Expected {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

/** @returns What was wrong with the answer, if anything. */
type Kind = (line: Line, i: number, expected: Expected) => Promise<string | undefined>;

const isTrue = (right: boolean, what: string) => right ? undefined : what;

async function isExpected(reply: Reply, expected: Expected): Promise<boolean> {
  return reply.complete && reply.status === 200 && await sha256(reply.body) === expected.sha256;
}

const upload = (chunkBytes: number | undefined): Kind => async (line, i, expected) => {
  const { bytes: body } = expected;
  const reply = await line.ask(`/echo?${i}`, { method: "POST", body, chunkBytes });
  const echo = JSON.parse(reply.text);
  const right = echo.sha256 === expected.sha256 && echo.bytes === body.length &&
    echo.target === `/echo?${i}`;
  return isTrue(right, `upload of ${body.length} in chunks of ${chunkBytes}`);
};

const KINDS: readonly Kind[] = [
  async (line, _i, expected) => {
    const { length } = expected.bytes;
    const reply = await line.ask(`/bytes?n=${length}&seed=${length}`);
    return isTrue(await isExpected(reply, expected), `bytes of ${length}`);
  },
  async (line, _i, expected) => {
    const { length } = expected.bytes;
    const reply = await line.ask(`/pieces?n=${length}&seed=${length}`);
    return isTrue(await isExpected(reply, expected), `pieces of ${length}`);
  },
  upload(undefined),
  upload(10_000),
  async (line, i) => {
    const encoding = ENCODINGS[i % ENCODINGS.length];
    const reply = await line.ask(`/encoded?as=${encoding}`, {
      headers: [["Accept-Encoding", encoding]],
    });
    const right = reply.field("etag") === `"${encoding}"` && reply.complete &&
      Number(reply.field("content-length")) === reply.body.length && reply.body.length > 20;
    return isTrue(right, encoding);
  },
  async (line, i) => {
    const method = i % 2 ? "HEAD" : "DELETE";
    const reply = await line.ask(`/echo?${i}`, { method });
    return isTrue(reply.status === 200 && (method === "HEAD") === (reply.text === ""), method);
  },
  async (line) => {
    const reply = await line.ask("/part", { headers: [["Range", "bytes=10-19"]] });
    return isTrue(reply.status === 206 && reply.body.length === 10, "range");
  },
  async (line, i) => {
    const code = [204, 304, 404, 500][i % 4];
    return isTrue((await line.ask(`/status?code=${code}`)).status === code, `${code}`);
  },
];

/** @param name Says which gateway is tested. */
export function loadSuite(name: string, start: StartGateway): void {
  Deno.test(`${name} answers 10,000 mixed requests, 64 at once, without a wrong byte`, async () => {
    await using origin = await startOrigin();
    await using gate = await start({ ORIGIN_URL: origin.url });
    const expected: Expected[] = [];
    for (const length of LENGTHS) {
      const bytes = seededBytes(length, length);
      expected.push({ bytes, sha256: await sha256(bytes) });
    }
    const wrong: string[] = [];
    let next = 0;
    const worker = async () => {
      using line = await Line.open(gate.url);
      for (let i = next++; i < REQUESTS; i = next++) {
        const problem = await KINDS[i % KINDS.length](line, i, expected[i % expected.length]);
        if (problem) wrong.push(`${i}: ${problem}`);
      }
    };
    const startedAt = systemClock.monotonic();
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    assertEquals(wrong.slice(0, 10), []);
    assertLess(systemClock.monotonic() - startedAt, 40_000);
  });
}
