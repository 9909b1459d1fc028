import { describe, expect, it } from 'vitest';
import { FakeClock } from './fake-clock.js';

describe('FakeClock', () => {
  // Time that passes shows on both faces; a wall clock that is set shows on one.
  it('moves when told', () => {
    const clock = new FakeClock('2026-03-01T00:00:00.000Z');
    const start = clock.monotonicMs();
    clock.advance(1_500);
    expect(clock.now().toISOString()).toBe('2026-03-01T00:00:01.500Z');
    expect(clock.monotonicMs() - start).toBe(1_500);
    clock.set('1970-01-01T00:00:00.000Z');
    expect(clock.now().getTime()).toBe(0);
    expect(clock.monotonicMs() - start).toBe(1_500);
    expect(() => clock.advance(-1)).toThrow(RangeError);
  });
});
