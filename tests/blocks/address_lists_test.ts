import { assert, assertEquals } from "@std/assert";
import { LIST_ENTRIES_MAX } from "../../src/blocks/address_lists.ts";
import { ADMIN, CLIENT, clientOf, createBlocksBed, refusalOf, STRIKES } from "./_bed.ts";

const tenThousand = Array.from({ length: LIST_ENTRIES_MAX }, (_, at) => ({
  cidr: `10.${at >> 8}.${at & 255}.0/25`,
}));

Deno.test("the allow list goes before the deny list, and that before nothing", async () => {
  await using bed = await createBlocksBed();
  const { blocks } = bed;
  await blocks.putList("deny", { entries: [{ cidr: "203.0.113.0/24", note: "noise" }] }, ADMIN);
  assertEquals(blocks.verdict(CLIENT), "deny");
  blocks.consider({ subject: "198.51.100.1", ...STRIKES });
  await blocks.putList(
    "allow",
    { entries: [{ cidr: CLIENT.ip }, { cidr: "198.51.100.1" }] },
    ADMIN,
  );
  assertEquals(blocks.verdict(CLIENT), "allow");
  assertEquals(blocks.verdict(clientOf("198.51.100.1")), "allow");
  assertEquals(blocks.verdict(clientOf("203.0.113.8")), "deny");
  assertEquals(bed.audit, ["address_list.replace deny acc_1", "address_list.replace allow acc_1"]);
});

Deno.test("blocks.putList() stores canonical ranges once, with their notes, for every isolate", async () => {
  await using bed = await createBlocksBed({ count: 2 });
  const [other] = bed.others;
  const entries = [
    { cidr: " 2001:DB8::/32 ", note: "two\nlines" },
    { cidr: "192.0.2.7/32" },
    { cidr: "192.0.2.7", note: "again" },
  ];
  const stored = await bed.blocks.putList("deny", { entries }, ADMIN);
  const wanted = {
    version: 1,
    entries: [{ cidr: "2001:db8::/32", note: "two lines" }, { cidr: "192.0.2.7", note: "again" }],
  };
  assertEquals(stored, wanted);
  assertEquals(await other.blocks.getList("deny"), wanted);
  assertEquals(await other.blocks.getList("allow"), { version: 0, entries: [] });
  await other.blocks.refresh();
  assertEquals(other.blocks.verdict(clientOf("2001:db8::9", "2001:db8::/64")), "deny");
});

Deno.test("blocks.putList() holds 10,000 ranges and leaves no old version behind", async () => {
  await using bed = await createBlocksBed();
  await bed.blocks.putList("deny", { entries: tenThousand }, ADMIN);
  assertEquals((await bed.blocks.getList("deny")).entries.length, LIST_ENTRIES_MAX);
  assertEquals(bed.blocks.verdict(clientOf("10.39.15.99")), "deny");
  const full = await bed.keys();
  await bed.blocks.putList("deny", { entries: tenThousand }, ADMIN);
  assertEquals(await bed.keys(), full);
  await bed.blocks.putList("deny", { entries: [] }, ADMIN);
  assertEquals(await bed.keys(), 1, "the index");
  assertEquals(bed.blocks.verdict(clientOf("10.39.15.99")), undefined);
});

Deno.test("blocks.putList() refuses more, wrong ranges, and notes beyond all bounds", async () => {
  await using bed = await createBlocksBed();
  const refused = async (entries: { cidr: string; note?: string }[]) => {
    const error = await refusalOf(() => bed.blocks.putList("deny", { entries }, ADMIN));
    assertEquals(error.code, "VALIDATION_FAILED");
    return error.options.extensions?.errors as { pointer: string; detail: string }[];
  };
  await refused([...tenThousand, { cidr: "10.0.0.0/8" }]);
  const errors = await refused([{ cidr: "10.0.0.0/8" }, { cidr: "shop" }, { cidr: "10.0.0.1/8" }]);
  assertEquals(errors.map(({ pointer }) => pointer), ["/entries/1/cidr", "/entries/2/cidr"]);
  assert(errors[1].detail.includes("did you mean 10.0.0.0/8"));
  await refused(tenThousand.map(({ cidr }) => ({ cidr, note: "x".repeat(120) })));
});

Deno.test("blocks.putList() refuses a version that is not the current one", async () => {
  await using bed = await createBlocksBed();
  await bed.blocks.putList("allow", { entries: [], version: 0 }, ADMIN);
  const stale = () => bed.blocks.putList("allow", { entries: [], version: 0 }, ADMIN);
  assertEquals((await refusalOf(stale)).code, "CONFLICT");
  assertEquals((await bed.blocks.putList("allow", { entries: [], version: 1 }, ADMIN)).version, 2);
});

Deno.test("blocks and lists changed at the same time are all there afterwards", async () => {
  await using bed = await createBlocksBed({ count: 3 });
  const isolates = [bed, ...bed.others];
  await Promise.all([
    ...isolates.map(({ blocks }, at) =>
      blocks.add({ target: `192.0.2.${at}`, seconds: 60, reason: "" }, ADMIN)
    ),
    bed.blocks.putList("deny", { entries: [{ cidr: CLIENT.ip }] }, ADMIN),
  ]);
  for (const { blocks } of isolates) {
    await blocks.refresh();
    const found = [0, 1, 2].map((at) => blocks.verdict(clientOf(`192.0.2.${at}`)));
    assertEquals([...found, blocks.verdict(CLIENT)], ["deny", "deny", "deny", "deny"]);
  }
});
