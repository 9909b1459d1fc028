import type { Report } from '@busbar/events';
import { describe, expect, it } from 'vitest';
import { cleanedJudgement, cleanedStart, cleanedStop } from './cleaned-report.js';

const envelope = {
  evseId: 1,
  connectorId: 3e9,
  occurredAt: '+275760-01-01T00:00:00.000Z',
  receivedAt: '2026-06-01T12:00:00.000Z',
  source: { messageId: 'm\u0000' },
};

describe('cleaned reports', () => {
  // Goal: what a store may refuse is replaced by what it takes, always alike, and the rest stays.
  it('makes a start storable', () => {
    const data = {
      idToken: `A\u0000${'x'.repeat(400)}`,
      meterStartWh: 'many',
      key: { timestampText: '\ud800', meterStartText: '1' },
      reservationId: 1e10,
      implausibleClock: false,
    };
    const report = { ...envelope, type: 'transaction.started', data } as Report<'transaction.started'>;
    const cleaned = cleanedStart(report);
    expect(cleaned).toMatchObject({ evseId: 1, occurredAt: envelope.receivedAt, source: { messageId: 'm\ufffd' } });
    expect(cleaned.connectorId).toBeUndefined();
    expect(cleaned.data).toEqual({
      idToken: `A\ufffd${'x'.repeat(253)}`,
      meterStartWh: '0',
      key: { timestampText: '\ufffd', meterStartText: '1' },
      implausibleClock: false,
    });
    expect(cleanedStart(report)).toEqual(cleaned);
  });

  // Goal: good readings stay with their stop, doubtful ones are left out, all of them if need be.
  it('makes a stop storable', () => {
    const good = {
      sampledAt: '2026-06-01T12:00:00.000Z',
      sampledAtText: 't',
      samples: '[]',
      digest: 'd',
      energyWh: '1',
      powerW: null,
      socPercent: null,
      context: 'Other',
    };
    const data = {
      ocppTransactionId: '\u0000',
      meterStopWh: null,
      key: { timestampText: 't', meterStopText: '' },
      stopReason: 'Local',
      implausibleClock: false,
      readings: [good, { ...good, energyWh: 'x' }, { ...good, context: '\u0000' }, { ...good, sampledAt: 'never' }],
    };
    const report = { ...envelope, type: 'transaction.ended', data } as Report<'transaction.ended'>;
    expect(cleanedStop(report, true).data).toMatchObject({ ocppTransactionId: '\ufffd', readings: [good] });
    expect(cleanedStop(report, false).data.readings).toEqual([]);
  });

  // Goal: the key that counts concurrent transactions is made of the token, so it is cleaned as well.
  it('makes a judgement storable', () => {
    expect(
      cleanedJudgement({
        idTokenInfo: { status: 'Accepted', group: '\u0000' },
        reason: 'known',
        concurrencyKey: 'A\u0000',
        maxConcurrentTransactions: 1,
        decided: true,
      }),
    ).toMatchObject({ idTokenInfo: { status: 'Accepted', group: '\ufffd' }, concurrencyKey: 'A\ufffd' });
  });
});
