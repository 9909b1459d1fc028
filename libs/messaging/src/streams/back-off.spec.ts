import { describe, expect, it } from 'vitest';
import { backOffMs, pause } from './back-off.js';

describe('backOffMs', () => {
  // It doubles, with jitter, and never leaves its bound, however often something failed.
  it('rises to its bound', () => {
    const ranges = [1, 2, 3, 8, 1000].map((attempt) => {
      const tries = Array.from({ length: 200 }, () => backOffMs(attempt, 30_000));
      return [Math.min(...tries) >= 125, Math.max(...tries) <= Math.min(30_000, 250 * 2 ** (attempt - 1))];
    });
    expect(ranges).toEqual(Array(5).fill([true, true]));
    expect(backOffMs(1000, 30_000)).toBeGreaterThanOrEqual(15_000);
  });
});

describe('pause', () => {
  // A signal ends it at once, also when it was given before.
  it('ends at a signal', async () => {
    const ending = new AbortController();
    const waiting = pause(60_000, ending.signal);
    ending.abort();
    await waiting;
    await pause(60_000, ending.signal);
    expect(ending.signal.aborted).toBe(true);
  });
});
