import { ProblemError } from '@busbar/events';
import { describe, expect, it } from 'vitest';
import { checkedIdToken, checkedSettings, defaultSettings } from './token-settings.js';

function pointersOf(work: () => unknown): string[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof ProblemError) return (error.problem.errors ?? []).map(({ pointer }) => pointer);
    throw error;
  }
}

describe('token settings', () => {
  // Goal: what is right passes, and one transaction at a time is what nobody asked otherwise (rule S-12).
  it('S-12: takes what is right', () => {
    expect(checkedSettings({ ...defaultSettings })).toEqual(defaultSettings);
    expect(defaultSettings.maxConcurrentTransactions).toBe(1);
    expect(checkedSettings({ maxConcurrentTransactions: null })).toEqual({ maxConcurrentTransactions: null });
  });

  // Goal: each wrong member is named, unknown ones too.
  it.each([
    ['status', 'accepted'],
    ['expiresAt', '2026-01-01'],
    ['expiresAt', '2026-13-01T00:00:00Z'],
    ['group', ''],
    ['group', ' '],
    ['maxConcurrentTransactions', -1],
    ['maxConcurrentTransactions', 1.5],
    ['stations', 'CP-1'],
    ['stations', [1]],
    ['sites', Array.from({ length: 1_001 }, () => 's')],
    ['note', 'a\u0000'],
    ['colour', 'red'],
  ])('refuses %s %j', (member, value) => {
    expect(pointersOf(() => checkedSettings({ [member]: value }))).toEqual([`/${member}`]);
  });

  // Goal: tokens lose their outer blanks and nothing else; what no reader could send is refused.
  it('I-01: takes tokens as they are', () => {
    expect(checkedIdToken(' Ab c ')).toBe('Ab c');
    for (const wrong of ['', '   ', 'a\u0000', '\ud800', 'x'.repeat(256), 7]) {
      expect(pointersOf(() => checkedIdToken(wrong))).toEqual(['/idToken']);
    }
  });
});
