import { FakeClock } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { Suspicion } from './suspicion.js';

describe('Suspicion', () => {
  // Goal: poison is blamed at once, any other fault the third time that the same report fails.
  it('blames poison at once and other faults the third time', () => {
    const suspicion = new Suspicion(new FakeClock());
    expect(suspicion.blames('poison', 'a')).toBe(true);
    expect([1, 2, 3, 4].map(() => suspicion.blames('failed', 'a'))).toEqual([false, false, true, false]);
    expect(suspicion.blames('failed', 'b')).toBe(false);
  });

  // Goal: ten within a minute, and then no more until the first is a minute old.
  it('admits ten a minute', () => {
    const clock = new FakeClock();
    const suspicion = new Suspicion(clock);
    expect(Array.from({ length: 10 }, () => suspicion.admits()).every(Boolean)).toBe(true);
    clock.advance(60_000);
    expect(suspicion.admits()).toBe(false);
    clock.advance(1);
    expect(suspicion.admits()).toBe(true);
  });

  // Goal: what is remembered is bounded.
  it('forgets the oldest of too many', () => {
    const suspicion = new Suspicion(new FakeClock());
    suspicion.blames('failed', 'first');
    suspicion.blames('failed', 'first');
    for (let n = 0; n < 1_000; n += 1) suspicion.blames('failed', String(n));
    expect(suspicion.blames('failed', 'first')).toBe(false);
  });
});
