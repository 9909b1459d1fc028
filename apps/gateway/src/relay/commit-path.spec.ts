import { describe, expect, it } from 'vitest';
import { CommitPath } from './commit-path.js';

function setUp() {
  let now = 0;
  const events: string[] = [];
  const clock = { now: () => new Date(now), monotonicMs: () => now };
  const path = new CommitPath(clock, 8000, { away: () => events.push('away'), back: () => events.push('back') });
  const pass = (ms: number, outstanding: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      now += 100;
      path.check(outstanding);
    }
  };
  return { path, events, pass, now: () => now };
}

describe('CommitPath', () => {
  // Silence with nothing outstanding means nothing.
  it('stays when nobody waits', () => {
    const { pass, events } = setUp();
    pass(60_000, 0);
    expect(events).toEqual([]);
  });

  // The clock starts when work becomes outstanding, and any receipt starts it anew.
  it('goes away after 8 s of work without a receipt', () => {
    const { path, pass, events, now } = setUp();
    pass(20_000, 0);
    pass(7000, 3);
    path.receipt(now());
    pass(7900, 3);
    expect([path.away, events]).toEqual([false, []]);
    pass(200, 3);
    expect([path.away, events]).toEqual([true, ['away']]);
  });

  // Once everyone has been hung up on nothing is outstanding, and yet it is still away.
  it('comes back only by a receipt', () => {
    const { path, pass, events, now } = setUp();
    pass(9000, 3);
    pass(60_000, 0);
    expect(path.away).toBe(true);
    path.receipt(now());
    expect([path.away, events]).toEqual([false, ['away', 'back']]);
  });
});
