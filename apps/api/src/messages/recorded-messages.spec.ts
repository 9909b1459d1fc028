import type { StationId } from '@busbar/domain';
import type { RecordedFrame } from '@busbar/events';
import { describe, expect, it } from 'vitest';
import { matches } from './recorded-messages.js';

const frame: RecordedFrame = {
  station: 's' as StationId,
  at: '2026-11-22T10:00:00.000Z',
  direction: 'in',
  messageId: '1',
  action: 'StatusNotification',
  frame: '[]',
};

describe('matches', () => {
  // Times are instants, not texts: another zone names the same one. `to` is excluded.
  it.each([
    [{}, true],
    [{ action: 'StatusNotification' }, true],
    [{ action: 'Heartbeat' }, false],
    [{ from: '2026-11-22T10:00:00Z' }, true],
    [{ from: '2026-11-22T11:00:00.000+01:00', to: '2026-11-22T10:00:00.001Z' }, true],
    [{ from: '2026-11-22T10:00:00.001Z' }, false],
    [{ to: '2026-11-22T10:00:00.000Z' }, false],
  ])('%j', (filter, expected) => {
    expect(matches(frame, filter)).toBe(expected);
  });
});
