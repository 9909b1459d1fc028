import type { Fact } from '@busbar/events';

/** How many lanes the facts of a service travel in. Part of what is stored: changing it needs an empty outbox. */
export const shardCount = 16;

/** The lane of a fact: that of its station, or of its tenant where it has none, so that order is kept per station. */
export function shardOf(fact: Pick<Fact, 'station' | 'tenant'>): number {
  return hash32(fact.station ?? fact.tenant) % shardCount;
}

/** FNV-1a. The same text gives the same number in every process and release. Below 2^31, so that it is a Postgres int. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % 0x80000000;
}
