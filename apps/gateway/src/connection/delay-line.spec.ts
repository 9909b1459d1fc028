import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DelayLine } from './delay-line.js';

describe('DelayLine', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0 }));
  afterEach(() => void vi.useRealTimers());
  const clock = { now: () => new Date(), monotonicMs: () => Date.now() };

  // Items run once, in order of their delay, near their time.
  it('runs later', () => {
    const ran: [string, number][] = [];
    const line = new DelayLine<string>(clock, (item) => ran.push([item, Date.now()]));
    line.add('250', 250);
    line.add('20', 20);
    line.add('0', 0);
    vi.advanceTimersByTime(1000);
    expect(ran).toEqual([
      ['0', 10],
      ['20', 20],
      ['250', 250],
    ]);
    expect(line.waiting).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  // What runs may add again, as a paced station does.
  it('takes new items while it runs', () => {
    let runs = 0;
    const line: DelayLine<string> = new DelayLine<string>(clock, (item) => {
      runs += 1;
      if (runs < 5) line.add(item, 250);
    });
    line.add('again', 10);
    vi.advanceTimersByTime(2000);
    expect(runs).toBe(5);
  });
});
