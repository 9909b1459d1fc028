import { defaultTenant, type StationId } from '@busbar/domain';
import { describe, expect, it } from 'vitest';
import { DeviationCounts } from './deviation-counts.js';

const seen = (station: string, rule: string, second: number, example = 'x') => ({
  tenant: defaultTenant,
  station: station as StationId,
  rule,
  example,
  at: new Date(second * 1000),
});

describe('deviation counts', () => {
  // Goal: one row per station and rule with the first and last time and the last example, also after a failed write.
  it('merges, and takes back what could not be written', () => {
    const counts = new DeviationCounts();
    counts.add(seen('a', 'M-18', 2, 'first'));
    counts.add(seen('a', 'M-18', 1, 'second'));
    const taken = counts.take();
    expect(taken).toMatchObject([{ station: 'a', rule: 'M-18', count: 2, example: 'second' }]);
    expect(taken[0]?.firstAt).toEqual(new Date(1000));
    expect(taken[0]?.lastAt).toEqual(new Date(2000));
    counts.add(seen('a', 'M-18', 3));
    counts.restore(taken);
    expect(counts.take()).toMatchObject([{ count: 3 }]);
    expect(counts.take()).toEqual([]);
  });

  // Goal: neither text nor number of rows grows without bound.
  it('is bounded', () => {
    const counts = new DeviationCounts();
    for (let index = 0; index < 10_100; index += 1) counts.add(seen(`s${index}`, 'M-18', 1, 'y'.repeat(5_000)));
    expect(counts.dropped).toBe(100);
    expect(counts.take()[0]?.example).toHaveLength(500);
  });
});
