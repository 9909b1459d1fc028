import { randomFillSync } from 'node:crypto';
import type { Id } from './ids.js';

/** Where new ids come from; injected, so that a test can name them. */
export interface IdSource {
  /** A new id that nobody has seen. Safe in a subject, a key and a path as it is. */
  next<Kind extends string>(): Id<Kind>;
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const timeDigits = 10;
const randomBytes = 10;

/**
 * Ids of 26 characters of lower-case base32 (Crockford): 48 bits of milliseconds, then 80 random bits.
 * They sort by time of creation, so that "newest first" is "by id, descending". Not secret.
 */
export class TimeOrderedIds implements IdSource {
  readonly #pool = Buffer.alloc(randomBytes * 256);
  #used = this.#pool.length;

  next<Kind extends string>(): Id<Kind> {
    if (this.#used === this.#pool.length) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const text = encodeTime(Date.now()) + encodeBytes(this.#pool, this.#used);
    this.#used += randomBytes;
    return text as Id<Kind>;
  }
}

function encodeTime(time: number): string {
  let rest = time;
  let text = '';
  for (let digit = 0; digit < timeDigits; digit += 1) {
    text = alphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** Ten bytes are two groups of 40 bits, eight digits each. */
function encodeBytes(bytes: Buffer, at: number): string {
  let text = '';
  for (let group = 0; group < 2; group += 1) {
    let value = bytes.readUIntBE(at + group * 5, 5);
    let digits = '';
    for (let digit = 0; digit < 8; digit += 1) {
      digits = alphabet.charAt(value % 32) + digits;
      value = Math.floor(value / 32);
    }
    text += digits;
  }
  return text;
}

/** Whether a text has the form of our ids. Text from outside must pass this before it is used as one. */
export function isId(text: string): boolean {
  return /^[0-9a-hjkmnp-tv-z]{26}$/.test(text);
}

/** When an id was made, to the millisecond, by the clock of whoever made it. Only for ids of `TimeOrderedIds`. */
export function timeOfId(id: string): Date {
  let time = 0;
  for (const digit of id.slice(0, timeDigits)) time = time * 32 + Math.max(0, alphabet.indexOf(digit));
  return new Date(time);
}
