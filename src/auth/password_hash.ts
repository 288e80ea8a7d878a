/**
 * Password hashes as PHC strings: Argon2id where the runtime has it, else scrypt, each with the
 * least parameters OWASP names. The string says how it was made, so a check never has to guess.
 */
import { Buffer } from "node:buffer";
import { scrypt, timingSafeEqual } from "node:crypto";
import { randomSecret } from "./secrets.ts";

export type PasswordAlgorithm = "argon2id" | "scrypt";

/** `memory` in KiB, as the PHC string counts it. */
interface Argon2Cost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

interface ScryptCost {
  readonly logN: number;
  readonly blockSize: number;
  readonly parallelism: number;
}

/** The part of WebCrypto that TypeScript does not know yet (Deno 2.9.6 has it, 2.5.0 has not). */
interface Argon2Subtle {
  importKey(
    format: "raw-secret",
    password: Uint8Array<ArrayBuffer>,
    algorithm: "Argon2id",
    extractable: false,
    usages: ["deriveBits"],
  ): Promise<CryptoKey>;
  deriveBits(
    algorithm: Argon2Cost & { readonly name: "Argon2id"; readonly nonce: Uint8Array<ArrayBuffer> },
    key: CryptoKey,
    bits: number,
  ): Promise<ArrayBuffer>;
}

const ARGON2: Argon2Cost = { memory: 19_456, passes: 2, parallelism: 1 };
const SCRYPT: ScryptCost = { logN: 14, blockSize: 8, parallelism: 5 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** A hash that asks for more was not made by us. */
const SCRYPT_LOG_N_MAX = 17;
const SCRYPT_MEMORY_MAX_BYTES = 160 * 1024 * 1024;
const ARGON2_MEMORY_MAX = 131_072;

const ARGON2_PHC = /^\$argon2id\$v=19\$m=(\d{1,6}),t=(\d),p=(\d)\$([\w+/]{22,64})\$([\w+/]{43})$/;
const SCRYPT_PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d)\$([\w+/]{22,64})\$([\w+/]{43})$/;

const encoder = new TextEncoder();
const toPhcBase64 = (bytes: Uint8Array) =>
  Buffer.from(bytes).toString("base64").replace(/={1,2}$/, "");
const fromPhcBase64 = (text: string) => new Uint8Array(Buffer.from(text, "base64"));

/** Whether this runtime's WebCrypto has Argon2id. */
export async function hasArgon2id(): Promise<boolean> {
  try {
    await argon2id(new Uint8Array(1), new Uint8Array(16), { ...ARGON2, memory: 8, passes: 1 });
    return true;
  } catch {
    return false;
  }
}

export async function hashPassword(
  password: string,
  algorithm: PasswordAlgorithm,
): Promise<string> {
  const salt = randomSecret(SALT_BYTES);
  const secret = encoder.encode(password);
  const hash = algorithm === "argon2id"
    ? await argon2id(secret, salt, ARGON2)
    : await scryptHash(secret, salt, SCRYPT);
  return phcString(algorithm, salt, hash);
}

/** A hash that no password has, and that takes as long to check as a real one. */
export function impossibleHash(algorithm: PasswordAlgorithm): string {
  return phcString(algorithm, randomSecret(SALT_BYTES), randomSecret(HASH_BYTES));
}

/**
 * Whether the hash is of this password. Throws for a string that is not a hash of ours, and for
 * Argon2id where the runtime has none.
 */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const secret = encoder.encode(password);
  const [, memory, passes, lanes, argonSalt, argonHash] = ARGON2_PHC.exec(phc) ?? [];
  if (memory !== undefined && Number(memory) <= ARGON2_MEMORY_MAX) {
    const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(lanes) };
    return isSame(await argon2id(secret, fromPhcBase64(argonSalt), cost), argonHash);
  }
  const [, logN, blockSize, parallelism, salt, hash] = SCRYPT_PHC.exec(phc) ?? [];
  if (logN !== undefined && Number(logN) <= SCRYPT_LOG_N_MAX) {
    const cost = {
      logN: Number(logN),
      blockSize: Number(blockSize),
      parallelism: Number(parallelism),
    };
    return isSame(await scryptHash(secret, fromPhcBase64(salt), cost), hash);
  }
  throw new Error("Cannot check a password: the stored hash is of no known kind");
}

/** The start of a hash that `algorithm` makes today: another start asks for a new hash. */
export function phcHead(algorithm: PasswordAlgorithm): string {
  const { memory, passes, parallelism } = ARGON2;
  return algorithm === "argon2id"
    ? `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$`
    : `$scrypt$ln=${SCRYPT.logN},r=${SCRYPT.blockSize},p=${SCRYPT.parallelism}$`;
}

const phcString = (algorithm: PasswordAlgorithm, salt: Uint8Array, hash: Uint8Array) =>
  `${phcHead(algorithm)}${toPhcBase64(salt)}$${toPhcBase64(hash)}`;

function isSame(hash: Uint8Array, expected: string): boolean {
  return timingSafeEqual(hash, fromPhcBase64(expected));
}

async function argon2id(
  password: Uint8Array<ArrayBuffer>,
  nonce: Uint8Array<ArrayBuffer>,
  cost: Argon2Cost,
): Promise<Uint8Array> {
  const subtle: Argon2Subtle = crypto.subtle;
  const key = await subtle.importKey("raw-secret", password, "Argon2id", false, ["deriveBits"]);
  const algorithm = { name: "Argon2id", nonce, ...cost } as const;
  return new Uint8Array(await subtle.deriveBits(algorithm, key, HASH_BYTES * 8));
}

function scryptHash(
  password: Uint8Array,
  salt: Uint8Array,
  { logN, blockSize, parallelism }: ScryptCost,
): Promise<Uint8Array> {
  const options = {
    N: 2 ** logN,
    r: blockSize,
    p: parallelism,
    maxmem: SCRYPT_MEMORY_MAX_BYTES,
  };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, options, (error, key) => {
      if (error) reject(error);
      else resolve(new Uint8Array(key));
    });
  });
}
