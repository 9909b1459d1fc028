import { type StationId, type TenantId, TimeOrderedIds } from '@busbar/domain';
import { describe, expect, it } from 'vitest';
import { hash32, shardCount, shardOf } from './shard.js';

const tenant = 'default' as TenantId;

describe('shardOf', () => {
  // The number is stored in rows: it must be the same in every release.
  it('is stable', () => {
    expect(shardOf({ tenant, station: '01jd0000000000000000000000' as StationId })).toBe(
      hash32('01jd0000000000000000000000') % shardCount,
    );
    expect([hash32(''), hash32('a'), hash32('default')]).toEqual([
      0x811c9dc5 % 2 ** 31,
      0xe40c292c % 2 ** 31,
      2_470_140_894 % 2 ** 31,
    ]);
  });

  // Facts without a station keep their order within the tenant.
  it('takes the tenant where there is no station', () => {
    expect(shardOf({ tenant })).toBe(hash32('default') % shardCount);
  });

  // Ids differ in their middle most of all; the lanes must fill evenly all the same.
  it('spreads our ids', () => {
    const ids = new TimeOrderedIds();
    const counts = new Array<number>(shardCount).fill(0);
    for (let made = 0; made < 16_000; made += 1) {
      const shard = shardOf({ tenant, station: ids.next<'station'>() });
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(800);
    expect(Math.max(...counts)).toBeLessThan(1_200);
  });
});
