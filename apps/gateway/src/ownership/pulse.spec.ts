import { describe, expect, it } from 'vitest';
import { Pulse } from './pulse.js';

function setUp() {
  let now = 1000;
  const events: string[] = [];
  const clock = { now: () => new Date(now), monotonicMs: () => now };
  const pulse = new Pulse(
    clock,
    { holdAfterMs: 10_000, lostAfterMs: 20_000, stallMs: 1500 },
    { lost: () => events.push('lost'), fresh: () => events.push('fresh') },
  );
  return {
    pulse,
    events,
    now: () => now,
    verdict: () => pulse.verdict(now),
    /** Time passes with a loop that turns. */
    live(ms: number) {
      for (let passed = 0; passed < ms; passed += 250) {
        now += 250;
        pulse.tick();
      }
    },
    /** Time passes with a loop that stands still. */
    freeze(ms: number) {
      now += ms;
    },
  };
}

describe('Pulse', () => {
  // The ordinary: pings come back, everything may be written.
  it('writes while it hears itself', () => {
    const { pulse, verdict, live, now, events } = setUp();
    for (let n = 0; n < 20; n += 1) {
      live(3000);
      expect(verdict()).toBe('write');
      pulse.heard(now() - 2);
    }
    expect(events).toEqual([]);
  });

  // The bus is away: first doubt, then the end, exactly once; a ping brings it back.
  it('is lost after 20 s and comes back', () => {
    const { pulse, verdict, live, now, events } = setUp();
    live(9750);
    expect(verdict()).toBe('write');
    live(1000);
    expect(verdict()).toBe('hold');
    live(9000);
    expect([verdict(), events]).toEqual(['hold', []]);
    live(1000);
    expect([verdict(), verdict(), events]).toEqual(['lost', 'lost', ['lost']]);
    pulse.heard(now() - 5);
    expect([verdict(), events]).toEqual(['write', ['lost', 'fresh']]);
  });

  // A frozen gateway that wakes fences before it sends, even when an old ping's answer is read first.
  it('is lost on waking from a long freeze', () => {
    const { pulse, verdict, freeze, live, now, events } = setUp();
    live(3000);
    const sentBefore = now();
    freeze(20_000);
    pulse.heard(sentBefore);
    expect([verdict(), events]).toEqual(['lost', ['lost']]);
  });

  // After a short freeze nothing is written until a ping that was sent after waking is back; nobody is closed.
  it('holds on waking from a short freeze', () => {
    const { pulse, verdict, freeze, live, now, events } = setUp();
    live(1000);
    const sentBefore = now() - 100;
    freeze(3000);
    expect(verdict()).toBe('hold');
    pulse.heard(sentBefore);
    expect(verdict()).toBe('hold');
    expect(pulse.tick()).toBe(true);
    pulse.heard(now());
    expect([verdict(), events]).toEqual(['write', ['fresh']]);
  });

  // Also when the timers run first after waking, and nothing is sent in between.
  it('holds when a tick notices the freeze', () => {
    const { pulse, verdict, freeze, live, now } = setUp();
    live(1000);
    freeze(3000);
    expect(pulse.tick()).toBe(true);
    expect(verdict()).toBe('hold');
    pulse.heard(now());
    expect(verdict()).toBe('write');
  });

  // A ping of a process that was away too long is no proof that it is back.
  it('does not come back by a stale ping', () => {
    const { pulse, verdict, live, now, events } = setUp();
    live(15_000);
    const sentAt = now();
    live(12_000);
    expect(verdict()).toBe('lost');
    pulse.heard(sentAt);
    expect([verdict(), events]).toEqual(['lost', ['lost']]);
  });
});
