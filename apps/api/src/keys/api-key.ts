import { createHash, randomBytes } from 'node:crypto';

export const scopes = ['read', 'operate', 'admin'] as const;

/** A new key: a prefix that secret scanners can look for, then 160 random bits in hex. */
export function newApiKey(): string {
  return `busbar_${randomBytes(20).toString('hex')}`;
}

/** What is stored of a key. The key has enough entropy for a plain hash; a slow one would only cost us. */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** The key of an `Authorization: Bearer` header; undefined when there is none of sensible form. */
export function bearerOf(header: string | undefined): string | undefined {
  const match = header === undefined ? null : /^Bearer ([\x21-\x7e]{16,200})$/i.exec(header);
  return match?.[1];
}
