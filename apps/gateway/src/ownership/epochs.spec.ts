import { FakeClock } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { Epochs } from './epochs.js';

describe('Epochs', () => {
  // Time drives them; the same microsecond gives two different ones; the clock may go back.
  it('rise', () => {
    const clock = new FakeClock('2026-01-01T00:00:00.000Z');
    const epochs = new Epochs(clock);
    const first = epochs.own();
    expect(first).toBe(Date.parse('2026-01-01T00:00:00.000Z') * 1000);
    expect(epochs.own()).toBe(first + 1);
    clock.set('2025-12-31T00:00:00.000Z');
    expect(epochs.own()).toBe(first + 2);
  });

  // Another gateway's clock is ahead: ours follows, within reason.
  it('follow what was seen', () => {
    const clock = new FakeClock();
    const epochs = new Epochs(clock);
    const ahead = clock.now().getTime() * 1000 + 5_000_000;
    epochs.saw(ahead);
    epochs.saw(3);
    expect(epochs.next()).toBe(ahead + 1);
    epochs.saw(Number.MAX_SAFE_INTEGER);
    epochs.saw(Number.NaN);
    expect(epochs.next()).toBe(ahead + 1);
  });
});
