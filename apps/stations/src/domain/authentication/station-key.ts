import type { StationKeyRequest } from '@busbar/events';

/** `hmac`: bytes with at least 128 random bits; `scrypt`: text that a person may have chosen. */
export type KeyKind = 'hmac' | 'scrypt';

/** Which form of its key a station sends: the bytes, or their hex digits as text (rule A-05). */
export type KeyForm = 'bytes' | 'hex';

/** A key as it is stored: never the key itself (rule A-06). */
export interface StoredKey {
  id: string;
  kind: KeyKind;
  salt: Buffer;
  digest: Buffer;
  form: KeyForm | null;
  createdAt: Date;
  firstUsedAt: Date | null;
  /** Set on the old key while a change is under way. */
  expiresAt: Date | null;
}

/** A new key's bytes, and the kind of digest that is enough for them. */
export interface PlainKey {
  kind: KeyKind;
  bytes: Buffer;
}

const generatedKeyBytes = 20;
const hexKey = /^(?:[0-9A-Fa-f]{2}){16,20}$/;
// Printable ASCII: the bytes of a text key go over OCPP as hex, and two spellings of one letter would not match.
const textKey = /^[\x20-\x7e]{16,40}$/;

/** Reads a key request; a text says what is wrong with it. */
export function plainKeyOf(request: StationKeyRequest, randomBytes: (size: number) => Buffer): PlainKey | string {
  if (request === 'generate') return { kind: 'hmac', bytes: randomBytes(generatedKeyBytes) };
  if ('hex' in request) {
    if (!hexKey.test(request.hex)) return 'must be 32 to 40 hex digits';
    return { kind: 'hmac', bytes: Buffer.from(request.hex, 'hex') };
  }
  if (!textKey.test(request.text)) return 'must be 16 to 40 printable ASCII characters';
  return { kind: 'scrypt', bytes: Buffer.from(request.text, 'latin1') };
}

/** What a password may mean, each with the form that it would be. */
export interface Candidate {
  form: KeyForm;
  bytes: Buffer;
}

/** The bytes as they came and, when they are the digits of a key in hex, what the digits say (rules ). */
export function candidatesOf(password: Buffer): Candidate[] {
  const candidates: Candidate[] = [{ form: 'bytes', bytes: password }];
  if (password.length >= 32 && password.length <= 80 && password.length % 2 === 0) {
    const text = password.toString('latin1');
    if (/^[0-9A-Fa-f]+$/.test(text)) candidates.push({ form: 'hex', bytes: Buffer.from(text, 'hex') });
  }
  return candidates;
}

/** The keys that hold now: an old one ends 15 minutes after the change, or earlier with the new one's first use. */
export function holdingKeys(keys: readonly StoredKey[], now: Date): StoredKey[] {
  return keys.filter((key) => key.expiresAt === null || key.expiresAt > now);
}
