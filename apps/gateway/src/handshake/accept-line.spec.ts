import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AcceptLine } from './accept-line.js';

const options = { perSecond: 100, burstMs: 50, waitMsMax: 200 };

describe('AcceptLine', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0 }));
  afterEach(() => void vi.useRealTimers());

  const clock = { now: () => new Date(), monotonicMs: () => Date.now() };

  function fill(line: AcceptLine, count: number): { refused: number; order: number[] } {
    const result = { refused: 0, order: [] as number[] };
    for (let n = 0; n < count; n += 1) {
      if (!line.enter(() => result.order.push(n))) result.refused += 1;
    }
    return result;
  }

  // A storm: some at once, the rest in order at the rate, the overflow refused.
  it('paces a storm', () => {
    const line = new AcceptLine(clock, options);
    const { order, refused } = fill(line, 100);
    expect(refused).toBe(100 - 5 - 21);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    vi.advanceTimersByTime(100);
    expect(order.length).toBeGreaterThanOrEqual(15);
    expect(order.length).toBeLessThanOrEqual(17);
    vi.advanceTimersByTime(200);
    expect(order).toEqual(Array.from({ length: 26 }, (_, n) => n));
    expect(line.waiting).toBe(0);
  });

  // Below the rate nobody waits.
  it('lets a trickle through at once', () => {
    const line = new AcceptLine(clock, options);
    for (let n = 0; n < 50; n += 1) {
      expect(fill(line, 1).order).toEqual([0]);
      vi.advanceTimersByTime(11);
    }
  });

  // A lagging loop lowers the rate, a calm one restores it.
  it('adapts to lag', () => {
    const line = new AcceptLine(clock, options);
    line.adapt(1000);
    line.adapt(1000);
    expect(fill(line, 100).refused).toBeGreaterThan(90);
    vi.advanceTimersByTime(5000);
    for (let n = 0; n < 10; n += 1) line.adapt(0);
    expect(fill(line, 100).refused).toBe(74);
  });

  // The end: everyone in line has their turn at once, to be told, and no timer is left.
  it('closes', () => {
    const line = new AcceptLine(clock, options);
    const { order } = fill(line, 20);
    line.close();
    expect(order).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect([line.waiting, vi.getTimerCount()]).toEqual([0, 0]);
  });
});
