import { describe, expect, it } from 'vitest';
import { FailedAttempts } from './failed-attempts.js';

function setUp(perMinute: number) {
  let now = 0;
  const clock = { now: () => new Date(now), monotonicMs: () => now };
  return { attempts: new FailedAttempts(clock, perMinute), advance: (ms: number) => void (now += ms) };
}

describe('FailedAttempts', () => {
  // The limit is per address and per minute.
  it('counts by address and minute', () => {
    const { attempts, advance } = setUp(3);
    expect([1, 2, 3, 4].map(() => attempts.record('a'))).toEqual([false, false, false, true]);
    expect(attempts.record('b')).toBe(false);
    advance(60_000);
    expect(attempts.record('a')).toBe(false);
  });

  // Many addresses must not fill the memory, whether their minute is over or not.
  it('stays bounded', () => {
    const { attempts, advance } = setUp(3);
    for (let n = 0; n < 30_000; n += 1) attempts.record(`address ${n}`);
    expect(attempts.addresses).toBe(20_000);
    advance(60_000);
    attempts.record('one more');
    expect(attempts.addresses).toBe(1);
  });
});
