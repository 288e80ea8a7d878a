import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { readFeed } from "../../src/ip/feed_text.ts";

const encoder = new TextEncoder();

/** The text in pieces of `size` bytes, as a network would bring it. */
async function* pieces(text: string, size = 1_000) {
  const bytes = encoder.encode(text);
  for (let from = 0; from < bytes.length; from += size) {
    await Promise.resolve();
    yield bytes.subarray(from, from + size);
  }
}

const FEED = `# firehol style netset
; spamhaus style
1.10.16.0/20 ; SBL256894

2.56.255.0/24
5.188.10.7,ssh,12
  9.9.9.9\t# a note
2a06:4880::/32\r
`;

Deno.test("readFeed() reads netsets, text and comments, whatever the pieces they come in", async () => {
  for (const size of [1, 7, 1_000]) {
    const ranges = await readFeed(pieces(FEED, size));
    assertEquals(ranges.size, 5);
    for (const ip of ["1.10.31.255", "2.56.255.1", "5.188.10.7", "9.9.9.9", "2a06:4880::1"]) {
      assert(ranges.has(ip), ip);
    }
    assertEquals(ranges.has("5.188.10.8"), false);
  }
});

Deno.test("readFeed() forgives a few lines, and refuses what is no list", async () => {
  const lines = Array.from({ length: 50 }, (_, at) => `1.2.${2 * at}.0/24`);
  assertEquals(
    (await readFeed(pieces(["network", ...lines].join("\n")))).size,
    50,
  );
  for (const text of ["", "<html>\n<body>Not found</body>\n</html>", "{}", "# nothing\n"]) {
    await assertRejects(() => readFeed(pieces(text)), Error, "no list", text);
  }
});

Deno.test("readFeed() stops at its bounds: bytes, ranges and the length of a line", async () => {
  const bounds = { bytesMax: 1_000, rangesMax: 10 };
  const long = "1.2.3.4\n".repeat(200);
  await assertRejects(
    () => readFeed(pieces(long), { ...bounds, rangesMax: 1_000 }),
    Error,
    "1000 bytes",
  );
  const many = Array.from({ length: 11 }, (_, at) => `1.2.3.${at}`).join("\n");
  await assertRejects(() => readFeed(pieces(many), bounds), Error, "10 ranges");
  await assertRejects(() => readFeed(pieces("1.2.3.4" + " ".repeat(100_000))), Error, "no list");
});

Deno.test("readFeed() never ends in anything but ranges or an Error, whatever it is fed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", maxLength: 300 }), async (text) => {
      await readFeed(pieces(text, 9)).catch((error) => assert(error instanceof Error));
    }),
  );
});
