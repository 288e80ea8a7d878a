/**
 * The allow list and the deny list: ranges of addresses that administrators keep. A list is
 * replaced as a whole, under a new version, so that no reader ever sees half of one.
 */
import { AppError } from "../errors/app_error.ts";
import { type BlockIndex, type Key, keys } from "../kv/keys.ts";
import type { Atomic, Kv } from "../kv/kv.ts";
import type { BlockStore } from "./block_store.ts";

export type ListName = "allow" | "deny";

export interface ListEntry {
  /** CIDR or single address. */
  readonly cidr: string;
  readonly note?: string;
}

export interface AddressList {
  readonly version: number;
  readonly entries: readonly ListEntry[];
}

/** What this room needs to know about addresses; src/ip/range_set.ts fits. */
export interface AddressRanges {
  /** Canonical text, or in words that follow "because" why it is no range. */
  canonical(text: string): { readonly text: string } | { readonly why: string };
  build(ranges: Iterable<string>): { has(ip: string): boolean; readonly size: number };
}

export interface AddressLists {
  read(name: ListName, index: BlockIndex): Promise<AddressList>;
  /**
   * Replaces a list. Throws `VALIDATION_FAILED` with every wrong entry, and `CONFLICT` when
   * `version` is given and is not the current one.
   */
  replace(
    name: ListName,
    list: { readonly entries: readonly ListEntry[]; readonly version?: number },
    also: (atomic: Atomic) => void,
  ): Promise<AddressList>;
}

export const LIST_ENTRIES_MAX = 10_000;
export const NOTE_MAX = 120;
const ERRORS_MAX = 50;
/** Text of one KV value; characters beyond Latin-1 take two bytes. */
const CHUNK_CHARACTERS = 28_000;
/** So that old and new version together fit one commit. */
const CHUNKS_MAX = 12;

export function createAddressLists(
  { kv, store, ranges }: { kv: Kv; store: BlockStore; ranges: AddressRanges },
): AddressLists {
  return {
    async read(name, { lists }) {
      const { version, chunks } = lists[name];
      const found = await kv.getMany(chunkKeys(name, version, chunks));
      const text = found.map(({ value }) => value ?? "").join("");
      return { version, entries: text === "" ? [] : text.split("\n").map(readLine) };
    },
    async replace(name, { entries, version: expected }, also) {
      const canonical = checkEntries(entries, ranges);
      const text = canonical.map(writeLine).join("\n");
      const chunks = cut(text);
      const index = await store.changeIndex((current, atomic) => {
        const { version, chunks: old } = current.lists[name];
        if (expected !== undefined && expected !== version) throw new AppError("CONFLICT");
        for (const key of chunkKeys(name, version, old)) atomic.delete(key);
        const written = chunkKeys(name, version + 1, chunks.length);
        written.forEach((key, at) => atomic.set(key, chunks[at]));
        also(atomic);
        const lists = { ...current.lists, [name]: { version: version + 1, chunks: chunks.length } };
        return { ...current, lists };
      });
      return { version: index.lists[name].version, entries: canonical };
    },
  };
}

function chunkKeys(name: ListName, version: number, chunks: number): Key<string>[] {
  return Array.from({ length: chunks }, (_, chunk) => keys.addressList(name, version, chunk));
}

const writeLine = ({ cidr, note }: ListEntry) => note ? `${cidr} ${note}` : cidr;

function readLine(line: string): ListEntry {
  const space = line.indexOf(" ");
  return space < 0 ? { cidr: line } : { cidr: line.slice(0, space), note: line.slice(space + 1) };
}

function cut(text: string): string[] {
  const chunks: string[] = [];
  for (let from = 0; from < text.length; from += CHUNK_CHARACTERS) {
    chunks.push(text.slice(from, from + CHUNK_CHARACTERS));
  }
  if (chunks.length > CHUNKS_MAX) {
    refuse([{ pointer: "/entries", detail: "The notes are too long" }]);
  }
  return chunks;
}

/** Canonical entries, each range once. */
function checkEntries(entries: readonly ListEntry[], ranges: AddressRanges): ListEntry[] {
  if (entries.length > LIST_ENTRIES_MAX) {
    refuse([{ pointer: "/entries", detail: `A list holds at most ${LIST_ENTRIES_MAX} ranges` }]);
  }
  const errors: { pointer: string; detail: string }[] = [];
  const byRange = new Map<string, ListEntry>();
  entries.forEach(({ cidr, note }, at) => {
    const range = ranges.canonical(cidr);
    if ("why" in range) {
      const detail = `"${cidr.slice(0, 64)}" cannot be used, because ${range.why}`;
      errors.push({ pointer: `/entries/${at}/cidr`, detail });
    } else {
      const short = note?.replace(/\s+/g, " ").trim().slice(0, NOTE_MAX);
      byRange.set(range.text, short ? { cidr: range.text, note: short } : { cidr: range.text });
    }
  });
  if (errors.length > 0) refuse(errors);
  return [...byRange.values()];
}

function refuse(errors: readonly { pointer: string; detail: string }[]): never {
  throw new AppError("VALIDATION_FAILED", { extensions: { errors: errors.slice(0, ERRORS_MAX) } });
}
