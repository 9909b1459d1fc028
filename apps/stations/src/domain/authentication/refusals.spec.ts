import type { ConnectAttempt } from '@busbar/events';
import { describe, expect, it } from 'vitest';
import { Refusals, shown } from './refusals.js';

const attempt = (identity: string): ConnectAttempt => ({ identity, listener: 'plain', remoteAddress: '10.0.0.1' });
const at = (second: number) => new Date(second * 1000);

describe('refusals', () => {
  // Goal: one row for many attempts, told once a minute (no flood of facts by a station that never gives up).
  it('tells of an identity once a minute', () => {
    const refusals = new Refusals();
    refusals.add(attempt('CP-1'), 'wrong-key', null, at(0));
    refusals.add(attempt('CP-1'), 'wrong-key', null, at(1));
    expect(refusals.take()).toMatchObject([{ identityShown: 'CP-1', count: 2, tell: true, lastAt: at(1) }]);
    refusals.add(attempt('CP-1'), 'wrong-key', null, at(30));
    expect(refusals.take()).toMatchObject([{ count: 1, tell: false }]);
    refusals.add(attempt('CP-1'), 'wrong-key', null, at(61));
    expect(refusals.take()).toMatchObject([{ tell: true }]);
  });

  // Goal: a flood of invented identities costs a bounded amount of everything.
  it('is bounded', () => {
    const refusals = new Refusals();
    for (let index = 0; index < 3_000; index += 1) refusals.add(attempt(`x${index}`), 'unknown-station', null, at(0));
    const taken = refusals.take();
    expect(taken).toHaveLength(2_000);
    expect(taken.filter((refusal) => refusal.tell)).toHaveLength(20);
    expect(refusals.dropped).toBe(1_000);
  });

  // Goal: what an identity holds can do no harm where it is shown.
  it.each([
    ['CP-1', 'CP-1'],
    ['a.b\'*>"/', 'a.b\'*>"/'],
    ['a\nb', 'a\\u{a}b'],
    ['\u202egpj', '\\u{202e}gpj'],
    ['back\\slash', 'back\\u{5c}slash'],
    ['\ud800', '\\u{d800}'],
  ])('shows %j as %s', (identity, expected) => {
    expect(shown(identity)).toBe(expected);
  });

  // Goal: it is cut as well.
  it('cuts', () => {
    expect(shown('x'.repeat(300))).toBe(`${'x'.repeat(64)}…`);
  });
});
