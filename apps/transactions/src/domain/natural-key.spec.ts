import type { Report } from '@busbar/events';
import { describe, expect, it } from 'vitest';
import { digestOf, startKey, stopKey } from './natural-key.js';

const start = {
  evseId: 1,
  connectorId: 1,
  occurredAt: '2026-06-01T12:00:00.000Z',
  data: { idToken: 'Tag', meterStartWh: '1000', key: { timestampText: 'noon', meterStartText: '1000' } },
} as Report<'transaction.started'>;

function changed(change: object, data: object = {}): Report<'transaction.started'> {
  return { ...start, ...change, data: { ...start.data, ...data } } as Report<'transaction.started'>;
}

describe('startKey', () => {
  // Goal: what we normalised, substituted or measured is no part of the key; the token's case is not either.
  it('S-05 is made of the station’s own texts alone', () => {
    const same = changed({ occurredAt: 'other', receivedAt: 'other' }, { idToken: ' TAG', meterStartWh: '1e3' });
    expect(startKey(same)).toEqual(startKey(start));
  });

  // Goal: each part tells sessions apart.
  it.each([
    [changed({ evseId: 2 })],
    [changed({ connectorId: 2 })],
    [changed({}, { idToken: 'Other' })],
    [changed({}, { key: { timestampText: 'one', meterStartText: '1000' } })],
    [changed({}, { key: { timestampText: 'noon', meterStartText: '1000.0' } })],
    [changed({}, { key: { timestampText: 'noon1', meterStartText: '000' } })],
  ])('S-05 differs where the station says something else (%#)', (other) => {
    expect(startKey(other)).not.toEqual(startKey(start));
  });
});

describe('stopKey', () => {
  // Goal: the message id and the way are no part of it, the readings are.
  it('X-03 is made of everything that the station said', () => {
    const data = {
      ocppTransactionId: '-1',
      key: { timestampText: 't', meterStopText: 'm' },
      stopReason: 'Local',
      readings: [{ sampledAtText: 't', digest: 'd' }],
    };
    const saying = (said: object, messageId: string) =>
      ({ data: said, source: { messageId } }) as Report<'transaction.ended'>;
    const stop = saying(data, 'a');
    const again = saying(data, 'b');
    const other = saying({ ...data, readings: [] }, 'a');
    expect(stopKey(again)).toEqual(stopKey(stop));
    expect(stopKey(other)).not.toEqual(stopKey(stop));
  });
});

describe('digestOf', () => {
  // Goal: where one text ends and the next begins matters.
  it('keeps texts apart', () => {
    expect(digestOf(['ab', 'c'])).not.toEqual(digestOf(['a', 'bc']));
    expect(digestOf(['a', ''])).not.toEqual(digestOf(['a']));
  });
});
