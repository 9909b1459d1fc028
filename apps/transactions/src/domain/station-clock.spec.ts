import type { Report } from '@busbar/events';
import { describe, expect, it } from 'vitest';
import { isOffline, isReplayed } from './station-clock.js';

const received = Date.parse('2026-06-01T12:00:00.000Z');

function startAt(
  ageSeconds: number,
  connectedSeconds: number,
  implausibleClock = false,
): Report<'transaction.started'> {
  return {
    occurredAt: new Date(received - ageSeconds * 1_000).toISOString(),
    receivedAt: new Date(received).toISOString(),
    source: { epoch: (received - connectedSeconds * 1_000) * 1_000 },
    data: { implausibleClock },
  } as Report<'transaction.started'>;
}

describe('the age of a start', () => {
  // Goal: ten minutes at receipt make it old news; a minute before the connection makes it an offline one.
  it.each([
    ['just now', startAt(0, 3_600), false, false],
    ['ten minutes', startAt(600, 3_600), false, false],
    ['more than ten minutes', startAt(601, 3_600), true, true],
    ['a minute before the connection', startAt(90, 30), false, false],
    ['more than a minute before the connection', startAt(91, 30), true, false],
    ['in our future', startAt(-300, 30), false, false],
    ['1970 by a broken clock', startAt(1e9, 30, true), false, false],
  ])('S-08 %s', (_age, report, offline, replayed) => {
    expect([isOffline(report), isReplayed(report)]).toEqual([offline, replayed]);
  });
});
