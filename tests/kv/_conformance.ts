/** What every KV must do under our wrapper, whichever backend is below. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { AppError } from "../../src/errors/app_error.ts";
import { UNKNOWN_VERSIONSTAMP } from "../../src/kv/commit.ts";
import { KvUnavailableError } from "../../src/kv/failure.ts";
import type { Key, Prefix } from "../../src/kv/keys.ts";
import type { Atomic, Kv } from "../../src/kv/kv.ts";
import { update } from "../../src/kv/update.ts";
import type { Backend } from "./_backends.ts";

export interface Case {
  readonly name: string;
  run(kv: Kv, backend: Backend): Promise<void>;
}

let families = 0;

/** Keys nobody else has, so that the cases can share one KV. */
function family<Value>(): { prefix: Prefix<Value>; key(...rest: Deno.KvKeyPart[]): Key<Value> } {
  const name = `test ${families++}`;
  return { prefix: { parts: [name] }, key: (...rest) => ({ parts: [name, ...rest] }) };
}

const set = <Value>(kv: Kv, key: Key<Value>, value: Value) =>
  kv.commit((atomic) => atomic.set(key, value));

async function setAll<Value>(kv: Kv, rows: readonly [Key<Value>, Value][]): Promise<void> {
  const commit = await kv.commit((atomic) => {
    for (const [key, value] of rows) atomic.set(key, value);
  });
  assert(commit.ok);
}

async function walk<Value>(kv: Kv, prefix: Prefix<Value>, limit: number, reverse = false) {
  const values: Value[] = [];
  let pages = 0;
  let cursor: string | undefined;
  do {
    const page = await kv.page(prefix, { limit, cursor, reverse });
    values.push(...page.items.map((item) => item.value));
    cursor = page.next_cursor ?? undefined;
    pages++;
  } while (cursor !== undefined && pages < 100);
  return { values, pages };
}

const refuses = (kv: Kv, build: (atomic: Atomic) => void, text: string) =>
  assertRejects(() => kv.commit(build), RangeError, text);

const readCases: Case[] = [
  {
    name: "get() answers null and no version when the key does not exist",
    async run(kv) {
      assertEquals(await kv.get(family<number>().key("none")), { value: null, versionstamp: null });
    },
  },
  {
    name: "get() reads what commit() set, with the version commit() answered",
    async run(kv) {
      const { key } = family<{ name: string }>();
      const commit = await set(kv, key(1), { name: "naïve ✓" });
      assert(commit.ok);
      assertEquals(await kv.get(key(1)), {
        value: { name: "naïve ✓" },
        versionstamp: commit.versionstamp,
      });
    },
  },
  {
    name: "get() gives back dates, maps, bytes, bigints and nested lists as they were set",
    async run(kv) {
      const { key } = family<unknown>();
      const value = {
        date: new Date(86_400_000),
        map: new Map([["a", new Set([1, 2])]]),
        bytes: new Uint8Array([0, 255, 7]),
        big: 2n ** 70n,
        list: [[1.5, null, undefined, NaN], "x"],
      };
      await set(kv, key("v"), value);
      assertEquals((await kv.get(key("v"))).value, value);
    },
  },
  {
    name: "getMany() answers 0, 1, 10, 11 and 237 keys in the order asked",
    async run(kv) {
      const { key } = family<number>();
      await setAll(
        kv,
        Array.from({ length: 237 }, (_, n) => [key(n), n]),
      );
      for (const count of [0, 1, 10, 11, 237]) {
        const wanted = Array.from({ length: count }, (_, n) => 236 - n);
        const entries = await kv.getMany(wanted.map((n) => key(n)));
        assertEquals(entries.map((entry) => entry.value), wanted);
      }
      const [there, missing] = await kv.getMany([key(5), key("none")]);
      assertEquals([there.value, missing], [5, { value: null, versionstamp: null }]);
    },
  },
  {
    name: "get() and getMany() refuse a key that is empty or too long before KV sees it",
    async run(kv) {
      const long: Key<number> = { parts: ["k", "x".repeat(2_046)] };
      await assertRejects(() => kv.get(long), RangeError, "takes 2051 bytes");
      await assertRejects(() => kv.getMany([{ parts: [] }]), RangeError, "takes 0 bytes");
    },
  },
];

const commitCases: Case[] = [
  {
    name: "commit() writes nothing and says so when a check fails",
    async run(kv) {
      const { key } = family<number>();
      const first = await set(kv, key("a"), 1);
      assert(first.ok);
      await set(kv, key("a"), 2);
      const late = await kv.commit((atomic) =>
        atomic.check(key("a"), first.versionstamp).set(key("a"), 3).set(key("b"), 3)
      );
      assertEquals(late, { ok: false });
      const entries = await kv.getMany([key("a"), key("b")]);
      assertEquals(entries.map((entry) => entry.value), [2, null]);
    },
  },
  {
    name: "commit() creates only once when it checks for null",
    async run(kv) {
      const { key } = family<string>();
      const create = (value: string) =>
        kv.commit((atomic) => atomic.check(key("once"), null).set(key("once"), value));
      const commits = await Promise.all(["a", "b", "c", "d"].map(create));
      assertEquals(commits.filter((commit) => commit.ok).length, 1);
    },
  },
  {
    name: "commit() refuses a check on the unknown version, there or not",
    async run(kv) {
      const { key } = family<number>();
      await set(kv, key("there"), 1);
      for (const name of ["there", "missing"]) {
        const commit = await kv.commit((atomic) =>
          atomic.check(key(name), UNKNOWN_VERSIONSTAMP).set(key(name), 2)
        );
        assertEquals(commit, { ok: false });
      }
    },
  },
  {
    name: "commit() gives all keys of one atomic the same version, and later ones a later one",
    async run(kv) {
      const { key } = family<number>();
      await setAll(kv, [[key(1), 1], [key(2), 2]]);
      const [first, second] = await kv.getMany([key(1), key(2)]);
      assertEquals(first.versionstamp, second.versionstamp);
      const later = await set(kv, key(1), 3);
      assert(later.ok && first.versionstamp && later.versionstamp > first.versionstamp);
    },
  },
  {
    name: "commit() sums counters up and down, also from parallel calls",
    async run(kv) {
      const { key } = family<Deno.KvU64>();
      await Promise.all(
        Array.from({ length: 20 }, () => kv.commit((atomic) => atomic.sum(key("n"), 3n))),
      );
      await kv.commit((atomic) => atomic.sum(key("n"), -18n));
      assertEquals((await kv.get(key("n"))).value?.value, 42n);
    },
  },
  {
    name: "commit() deletes, and deletes what is not there",
    async run(kv) {
      const { key } = family<number>();
      await set(kv, key("gone"), 1);
      assert((await kv.commit((atomic) => atomic.delete(key("gone")).delete(key("never")))).ok);
      assertEquals((await kv.get(key("gone"))).versionstamp, null);
    },
  },
  {
    name: "commit() takes lifetimes that are fractions or already over, and no others",
    async run(kv) {
      const { key } = family<number>();
      for (const expireIn of [60_000.5, 0, -5]) {
        assert((await kv.commit((atomic) => atomic.set(key("e"), 1, { expireIn }))).ok);
      }
      for (const expireIn of [NaN, Infinity]) {
        await refuses(kv, (atomic) => atomic.set(key("e"), 1, { expireIn }), "expireIn");
      }
    },
  },
  {
    name: "commit() throws what cannot be cloned as it is",
    async run(kv) {
      const { key } = family<unknown>();
      const error = await assertRejects(() => set(kv, key("f"), () => 1), Error, "be cloned");
      assert(!(error instanceof KvUnavailableError));
    },
  },
];

const limitCases: Case[] = [
  {
    name: "commit() sends 10 checks and refuses 11",
    async run(kv) {
      const { key } = family<number>();
      const checks = (count: number) => (atomic: Atomic) => {
        for (let n = 0; n < count; n++) atomic.check(key(n), null);
        atomic.set(key("done"), count);
      };
      assert((await kv.commit(checks(10))).ok);
      await refuses(kv, checks(11), "at most 10 checks");
      assertEquals((await kv.get(key("done"))).value, 10);
    },
  },
  {
    name: "commit() sends 900 mutations and refuses 901",
    async run(kv) {
      const { key } = family<number>();
      const sets = (count: number) => (atomic: Atomic) => {
        for (let n = 0; n < count; n++) atomic.set(key(n), n);
      };
      assert((await kv.commit(sets(900))).ok);
      await refuses(kv, sets(901), "at most 900 mutations");
    },
  },
  {
    name: "commit() sends a value of 60,000 bytes and refuses one more, as bytes and as text",
    async run(kv) {
      const { key } = family<Uint8Array | string>();
      const bytes = crypto.getRandomValues(new Uint8Array(60_000));
      assert((await set(kv, key("v"), bytes)).ok);
      assertEquals((await kv.get(key("v"))).value, bytes);
      await refuses(kv, (atomic) => atomic.set(key("v"), new Uint8Array(60_001)), "60001 bytes");
      assert((await set(kv, key("v"), "x".repeat(59_990))).ok);
      await refuses(kv, (atomic) => atomic.set(key("v"), "x".repeat(60_000)), "are possible");
      await refuses(kv, (atomic) => atomic.set(key("v"), "✓".repeat(30_001)), "are possible");
    },
  },
  {
    name: "commit() sends 700 KiB of keys and values and refuses one byte more",
    async run(kv) {
      const { key } = family<Uint8Array>();
      const keyBytes = 2 + `test ${families - 1}`.length + 9;
      const fill = (lastBytes: number) => (atomic: Atomic) => {
        for (let n = 0; n < 11; n++) atomic.set(key(n), new Uint8Array(60_000));
        atomic.set(key(11), new Uint8Array(lastBytes));
      };
      const rest = 700 * 1_024 - 11 * 60_000 - 12 * keyBytes;
      assert((await kv.commit(fill(rest))).ok);
      await refuses(kv, fill(rest + 1), "716800 bytes");
    },
  },
  {
    name: "commit() sends a key of 2048 bytes and refuses 2049",
    async run(kv) {
      const name = `test ${families++}`;
      const keyOf = (sizeBytes: number): Key<number> => ({
        parts: [name, "x".repeat(sizeBytes - name.length - 4)],
      });
      assert((await set(kv, keyOf(2_048), 1)).ok);
      assertEquals((await kv.get(keyOf(2_048))).value, 1);
      await refuses(kv, (atomic) => atomic.set(keyOf(2_049), 1), "takes 2049 bytes");
    },
  },
];

const pageCases: Case[] = [
  {
    name: "page() walks 450 rows in order, forwards and backwards, in 3 pages of 200",
    async run(kv) {
      const { prefix, key } = family<number>();
      const wanted = Array.from({ length: 450 }, (_, n) => n);
      await setAll(kv, wanted.map((n) => [key(n), n]));
      assertEquals(await walk(kv, prefix, 200), { values: wanted, pages: 3 });
      assertEquals(await walk(kv, prefix, 200, true), { values: wanted.toReversed(), pages: 3 });
    },
  },
  {
    name: "page() promises no further page when the rows end with it, or when there are none",
    async run(kv) {
      const { prefix, key } = family<number>();
      assertEquals(await kv.page(prefix, { limit: 10 }), { items: [], next_cursor: null });
      await setAll(kv, [[key("a"), 1], [key("b"), 2]]);
      assertEquals(await kv.page(prefix, { limit: 2 }), {
        items: [{ key: key("a").parts, value: 1 }, { key: key("b").parts, value: 2 }],
        next_cursor: null,
      });
      assertNotEquals((await kv.page(prefix, { limit: 1 })).next_cursor, null);
    },
  },
  {
    name: "page() leaves out the prefix itself and its neighbours, and orders numbers as numbers",
    async run(kv) {
      const { prefix, key } = family<string>();
      const numbers = [-5, 2, 10, 1_000_000_000_000];
      await setAll(kv, numbers.map((n) => [key(n), String(n)]));
      await set(kv, prefix, "self");
      await set(kv, { parts: [`${String(prefix.parts[0])}0`, 1] }, "neighbour");
      assertEquals((await walk(kv, prefix, 3)).values, numbers.map(String));
    },
  },
  {
    name: "page() takes a cursor for its own prefix and direction only",
    async run(kv) {
      const [mine, other] = [family<number>(), family<number>()];
      for (const { key } of [mine, other]) {
        await setAll(kv, [[key(1), 1], [key(2), 2], [key(3), 3]]);
      }
      const { next_cursor } = await kv.page(mine.prefix, { limit: 1 });
      assert(next_cursor);
      const second = await kv.page(mine.prefix, { limit: 1, cursor: next_cursor });
      assertEquals(second.items.map((item) => item.value), [2]);
      const refused = [
        () => kv.page(other.prefix, { limit: 1, cursor: next_cursor }),
        () => kv.page(mine.prefix, { limit: 1, cursor: next_cursor, reverse: true }),
        () => kv.page(mine.prefix, { limit: 1, cursor: `${next_cursor}A` }),
        () => kv.page(mine.prefix, { limit: 1, cursor: "" }),
      ];
      for (const call of refused) {
        const error = await assertRejects(call, AppError);
        assert(error instanceof AppError);
        assertEquals(error.code, "INVALID_CURSOR");
      }
    },
  },
  {
    name: "page() keeps to a range, with pages and cursors of its own",
    async run(kv) {
      const { prefix, key } = family<number>();
      await setAll(kv, Array.from({ length: 20 }, (_, n) => [key("a", n), n]));
      await set(kv, key("b", 7), 99);
      const range = { from: ["a", 5], until: ["a", 9] };
      const values = async (options: Parameters<typeof kv.page<number>>[1]) =>
        (await kv.page(prefix, options)).items.map((item) => item.value);
      assertEquals(await values({ limit: 10, ...range }), [5, 6, 7, 8]);
      assertEquals(await values({ limit: 10, ...range, reverse: true }), [8, 7, 6, 5]);
      assertEquals(await values({ limit: 3, from: ["a", 18] }), [18, 19, 99]);
      assertEquals(await values({ limit: 3, until: ["a", 2] }), [0, 1]);
      const { next_cursor } = await kv.page(prefix, { limit: 3, ...range });
      assert(next_cursor);
      assertEquals(await values({ limit: 3, ...range, cursor: next_cursor }), [8]);
      const other = { limit: 3, from: ["a", 4], until: ["a", 9], cursor: next_cursor };
      const error = await assertRejects(() => kv.page(prefix, other), AppError);
      assert(error instanceof AppError && error.code === "INVALID_CURSOR");
    },
  },
  {
    name: "page() with a filter looks at 1000 rows at most, and goes on where it stopped",
    async run(kv) {
      const { prefix, key } = family<number>();
      const count = 1_300;
      for (let from = 0; from < count; from += 650) {
        await setAll(kv, Array.from({ length: 650 }, (_, n) => [key(from + n), from + n]));
      }
      const filter = (value: number) => value >= 1_100;
      const first = await kv.page(prefix, { limit: 10, filter });
      assertEquals(first.items, []);
      assert(first.next_cursor);
      const second = await kv.page(prefix, { limit: 10, filter, cursor: first.next_cursor });
      assertEquals(second.items.map((item) => item.value)[0], 1_100);
      assertEquals(second.items.length, 10);
      const third = { limit: 200, filter, cursor: second.next_cursor ?? "" };
      assertEquals((await kv.page(prefix, third)).items[0].value, 1_110);
    },
  },
  {
    name: "page() refuses 0, 201 and 1.5 rows",
    async run(kv) {
      for (const limit of [0, 201, 1.5, NaN]) {
        await assertRejects(() => kv.page(family().prefix, { limit }), RangeError, "1 to 200 rows");
      }
    },
  },
];

const together: Case[] = [
  {
    name: "update() loses no change of 6 writers on two handles",
    async run(kv, backend) {
      const { key } = family<number>();
      const other = await backend.open();
      const write = async (handle: Kv) => {
        for (let n = 0; n < 8; n++) {
          await update(handle, key("n"), (current) => (current ?? 0) + 1, { attempts: 100 });
        }
      };
      await Promise.all([kv, other, kv, other, kv, other].map(write));
      other.close();
      assertEquals((await kv.get(key("n"))).value, 48);
    },
  },
  {
    name: "commitSure() commits once, and answers a plain conflict as commit() does",
    async run(kv) {
      const { key } = family<number>();
      const landed = () => Promise.reject(new Error("there was no doubt"));
      const create = (atomic: Atomic) => atomic.check(key("x"), null).set(key("x"), 1);
      assert((await kv.commitSure(create, landed)).ok);
      assertEquals(await kv.commitSure(create, landed), { ok: false });
    },
  },
  {
    name: "get() on another handle sees a commit as soon as it is answered",
    async run(kv, backend) {
      const { key } = family<number>();
      const other = await backend.open();
      for (let n = 0; n < 20; n++) {
        await set(kv, key("n"), n);
        assertEquals((await other.get(key("n"))).value, n);
      }
      other.close();
    },
  },
  {
    name:
      "close() refuses every later call, may be called twice, and leaves the other handle alone",
    async run(kv, backend) {
      const { key, prefix } = family<number>();
      const other = await backend.open();
      other.close();
      other.close();
      const calls = [
        () => other.get(key(1)),
        () => set(other, key(1), 1),
        () => other.page(prefix, { limit: 1 }),
      ];
      for (const call of calls) {
        const error = await assertRejects(call, KvUnavailableError);
        assert(error instanceof KvUnavailableError && error.reason === "closed");
      }
      assert((await set(kv, key(1), 1)).ok);
    },
  },
];

export const CASES: readonly Case[] = [
  ...readCases,
  ...commitCases,
  ...limitCases,
  ...pageCases,
  ...together,
];
