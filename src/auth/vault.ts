/**
 * What must be read again but not by whoever reads KV: sealed under a key that is drawn once and
 * kept for ever, itself wrapped under JWT_SECRET. Turning JWT_SECRET wraps that key anew (the old
 * value is listed in JWT_SECRET_PREVIOUS meanwhile), so nothing sealed has to be touched. Without
 * JWT_SECRET, in development, the key lies in KV unwrapped and protects nothing from its reader.
 */
import type { VaultRecord } from "../kv/auth_records.ts";
import { keys } from "../kv/keys.ts";
import type { Entry, Kv } from "../kv/kv.ts";
import { deriveKey, hashSecret, randomSecret, seal, unseal } from "./secrets.ts";

export interface VaultOptions {
  readonly kv: Pick<Kv, "get" | "commit">;
  /** JWT_SECRET, which wraps, and JWT_SECRET_PREVIOUS, which may have wrapped. */
  readonly secret?: string;
  readonly previousSecrets: readonly string[];
}

export interface Vault {
  /** `context` says whose it is; it opens under the same context only. */
  seal(plain: Uint8Array, context: string): Promise<Uint8Array>;
  /** Undefined for what this vault did not seal under this context. */
  open(sealed: Uint8Array, context: string): Promise<Uint8Array | undefined>;
}

/** A secret as a key that wraps the vault's, and the name it is known by. */
interface Wrapper {
  readonly id: string;
  readonly key: Uint8Array;
}

const WRAP_CONTEXT = "gatehouse vault key";
const KEY_BYTES = 32;
const ID_CHARACTERS = 16;

export function createVault({ kv, secret, previousSecrets }: VaultOptions): Vault {
  const current = secret === undefined ? undefined : wrapperOf(secret);
  const wrappers = [...current ? [current] : [], ...previousSecrets.map(wrapperOf)];
  let loading: Promise<Uint8Array> | undefined;

  const wrap = (key: Uint8Array): VaultRecord =>
    current
      ? { wrappedBy: current.id, key: seal(current.key, key, WRAP_CONTEXT) }
      : { wrappedBy: null, key };
  const write = (known: Entry<VaultRecord>, key: Uint8Array) =>
    kv.commit((atomic) =>
      atomic.check(keys.vault(), known.versionstamp).set(keys.vault(), wrap(key))
    );
  const load = async (): Promise<Uint8Array> => {
    const known = await kv.get(keys.vault());
    if (known.value) {
      const key = unwrap(known.value, wrappers);
      // When another isolate wraps it anew at the same time, it writes what we would.
      if (known.value.wrappedBy !== (current?.id ?? null)) await write(known, key);
      return key;
    }
    const drawn = randomSecret(KEY_BYTES);
    if ((await write(known, drawn)).ok) return drawn;
    const { value } = await kv.get(keys.vault());
    if (!value) throw new Error("Cannot agree on a vault key: KV lost the record");
    return unwrap(value, wrappers);
  };
  /** Read once; a failure is not kept, so that the next call tries again. */
  const key = () =>
    loading ??= load().catch((error) => {
      loading = undefined;
      throw error;
    });

  return {
    seal: async (plain, context) => seal(await key(), plain, context),
    open: async (sealed, context) => unseal(await key(), sealed, context),
  };
}

function wrapperOf(secret: string): Wrapper {
  const key = deriveKey(new TextEncoder().encode(secret), "gatehouse vault v1");
  return { id: hashSecret(key).slice(0, ID_CHARACTERS), key };
}

function unwrap({ wrappedBy, key }: VaultRecord, wrappers: readonly Wrapper[]): Uint8Array {
  if (wrappedBy === null) return key;
  const wrapper = wrappers.find(({ id }) => id === wrappedBy);
  const plain = wrapper && unseal(wrapper.key, key, WRAP_CONTEXT);
  if (plain) return plain;
  throw new Error(
    "Cannot open what is sealed: neither JWT_SECRET nor JWT_SECRET_PREVIOUS holds its secret",
  );
}
