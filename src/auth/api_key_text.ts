/**
 * What an API key looks like: `gh_live_`, 32 random letters and digits, and 6 that check them. A
 * mistyped or invented key is told by its checksum without a look at KV, and scanners of leaked
 * secrets know it by its beginning.
 */
import { randomBase62, toBase62 } from "./secrets.ts";

const PREFIX = "gh_live_";
const RANDOM_CHARACTERS = 32;
const CHECK_CHARACTERS = 6;
const API_KEY = /^gh_live_[0-9A-Za-z]{38}$/;

/** The polynomial of CRC-32 as in zip and Ethernet, lowest bit first. */
const CRC32 = 0xedb8_8320;

export function newApiKeyText(): string {
  const text = PREFIX + randomBase62(RANDOM_CHARACTERS);
  return text + checksumOf(text);
}

/** Whether the text says that it is an API key. */
export function claimsToBeApiKey(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** Whether there is one anywhere in the text, or the beginning of one. */
export function holdsApiKey(text: string): boolean {
  return text.includes(PREFIX);
}

/** Whether it can be one of ours. */
export function isApiKeyText(text: string): boolean {
  const body = text.slice(0, -CHECK_CHARACTERS);
  return API_KEY.test(text) && checksumOf(body) === text.slice(-CHECK_CHARACTERS);
}

function checksumOf(text: string): string {
  let crc = ~0;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? CRC32 : 0);
  }
  return toBase62(~crc >>> 0, CHECK_CHARACTERS);
}
