/** Reading: one key, or any number in groups that every backend accepts. Always consistent. */
import { keyBytesWithin, KV_LIMITS } from "./atomic.ts";
import type { Guard } from "./guard.ts";
import type { Key } from "./keys.ts";
import type { Entry, Kv } from "./kv.ts";
import type { RawKv } from "./raw.ts";

/** Groups under way at once, and so how many keys share one deadline. */
const GROUPS_AT_ONCE = 10;

const entryOf = <Value>(found: Deno.KvEntryMaybe<Value>): Entry<Value> => ({
  value: found.value,
  versionstamp: found.versionstamp,
});

function* slices<Item>(items: readonly Item[], length: number): Generator<Item[]> {
  for (let from = 0; from < items.length; from += length) yield items.slice(from, from + length);
}

export function createRead(raw: RawKv, guard: Guard): Pick<Kv, "get" | "getMany"> {
  const readGroup = async <Value>(keys: readonly Key<Value>[]) => {
    const found = await raw.getMany<Value[]>(keys.map((key) => key.parts));
    return found.map(entryOf);
  };

  return {
    async get<Value>(key: Key<Value>) {
      keyBytesWithin(key);
      return entryOf(await guard.run("read", (trip) => trip(() => raw.get<Value>(key.parts))));
    },
    async getMany<Value>(keys: readonly Key<Value>[]) {
      keys.forEach(keyBytesWithin);
      const entries: Entry<Value>[] = [];
      for (const wave of slices(keys, KV_LIMITS.readKeys * GROUPS_AT_ONCE)) {
        const groups = [...slices(wave, KV_LIMITS.readKeys)];
        const read = () => Promise.all(groups.map((group) => readGroup(group)));
        entries.push(...(await guard.run("read", (trip) => trip(read))).flat());
      }
      return entries;
    },
  };
}
