import type { StationId } from '@busbar/domain';
import { describe, expect, it } from 'vitest';
import { Flapping } from './flapping.js';

const station = 's1' as StationId;

function setUp() {
  let now = 0;
  const clock = { now: () => new Date(now), monotonicMs: () => now };
  const flapping = new Flapping(clock, { connectsMax: 3, takeoversMax: 2, holdMs: 60_000 });
  return { flapping, advance: (ms: number) => void (now += ms) };
}

describe('Flapping', () => {
  // The connect beyond the limit begins the hold; others are not touched; it ends.
  it('holds a station that connects too often', () => {
    const { flapping, advance } = setUp();
    for (let n = 0; n < 3; n += 1) expect(flapping.connects(station)).toEqual({ held: false, begins: false });
    expect(flapping.connects(station)).toEqual({ held: true, begins: true });
    expect(flapping.connects(station)).toEqual({ held: true, begins: false });
    expect(flapping.connects('s2' as StationId).held).toBe(false);
    advance(60_000);
    expect(flapping.connects(station).held).toBe(false);
  });

  // Slow reconnects are no flapping.
  it('forgets after a minute', () => {
    const { flapping, advance } = setUp();
    for (let n = 0; n < 20; n += 1) {
      expect(flapping.connects(station).held).toBe(false);
      advance(25_000);
    }
  });

  // One alarm, not one per take-over.
  it('alarms once', () => {
    const { flapping } = setUp();
    expect([1, 2, 3, 4, 5].map(() => flapping.takenOver(station))).toEqual([false, false, true, false, false]);
  });

  // A storm of stations must not stay in memory.
  it('stays bounded', () => {
    const { flapping, advance } = setUp();
    for (let n = 0; n < 1000; n += 1) flapping.connects(`s${n}` as StationId);
    advance(60_000);
    flapping.connects(station);
    expect(flapping.stations).toBe(1);
  });
});
