import { type InboundTable, told } from '../case-table.js';

const time = '2026-11-22T09:00:00Z';
const base = { transactionId: 4711, meterStop: 5000, timestamp: time };
const report = (data: object, occurredAt = '2026-11-22T09:00:00.000Z') => ({
  type: 'transaction.ended',
  occurredAt,
  data: {
    ocppTransactionId: '4711',
    meterStopWh: '5000',
    key: { timestampText: time, meterStopText: '5000' },
    stopReason: 'Local',
    implausibleClock: false,
    readings: [],
    ...data,
  },
});
const reading = {
  sampledAt: '2026-11-22T09:00:00.000Z',
  sampledAtText: time,
  samples:
    '[{"measurand":"Energy.Active.Import.Register","value":"5000","unit":"Wh","location":"Outlet","context":"Transaction.End"}]',
  digest: '',
  energyWh: '5000',
  powerW: null,
  socPercent: null,
  context: 'Transaction.End',
};

export const stopTransaction: InboundTable = {
  passes: [
    { why: 'the least; no reason is Local (X-08)', payload: base, report: report({}) },
    {
      why: 'tag, reason and data',
      payload: {
        ...base,
        idTag: 'TAG',
        reason: 'Remote',
        transactionData: [{ timestamp: time, sampledValue: [{ value: '5000', context: 'Transaction.End' }] }],
      },
      report: report({ idToken: 'TAG', stopReason: 'Remote', readings: [reading] }),
    },
    { why: 'an empty tag is none (X-07)', payload: { ...base, idTag: '' }, report: report({}) },
  ],
  coerced: [
    {
      why: 'an id beyond 64 bits keeps its digits (X-04)',
      payload: `{"transactionId":9223372036854775807,"meterStop":5000,"timestamp":"${time}","x":1}`,
      strict: 'FormationViolation',
      deviations: ['M-18 /x: unknown member'],
      report: report({ ocppTransactionId: '9223372036854775807' }),
    },
    {
      why: 'an id that is text, an odd reason, data that is an object',
      payload: {
        ...base,
        transactionId: 'abc',
        reason: 'remote ',
        transactionData: { timestamp: time, sampledValue: [] },
      },
      strict: 'TypeConstraintViolation',
      deviations: [
        'X-08 /reason: other case',
        '8.2.3 /transactionData: one object instead of a list',
        'X-04 /transactionId: no id that was ever given',
        'V-06 /transactionData/*: no samples',
      ],
      report: report({ ocppTransactionId: 'abc', stopReason: 'Remote' }),
    },
    {
      why: 'an unknown reason stays (X-08)',
      payload: { ...base, reason: 'CarLeft' },
      strict: 'PropertyConstraintViolation',
      deviations: ['X-08 /reason: unknown word'],
      report: report({ stopReason: 'CarLeft' }),
    },
    {
      why: 'nothing at all',
      payload: {},
      strict: 'OccurenceConstraintViolation',
      deviations: [
        '8.1 /timestamp: missing',
        'X-10 /meterStop: no number',
        'X-04 /transactionId: no id that was ever given',
      ],
      report: report(
        {
          ocppTransactionId: '',
          meterStopWh: null,
          key: { timestampText: '', meterStopText: '' },
          implausibleClock: true,
        },
        '2026-11-22T09:18:06.000Z',
      ),
    },
    {
      why: 'no object at all',
      payload: '["stop"]',
      strict: 'FormationViolation',
      deviations: [
        'M-21 payload: no object',
        '8.1 /timestamp: missing',
        'X-10 /meterStop: no number',
        'X-04 /transactionId: no id that was ever given',
      ],
      report: report(
        {
          ocppTransactionId: '',
          meterStopWh: null,
          key: { timestampText: '', meterStopText: '' },
          implausibleClock: true,
        },
        '2026-11-22T09:18:06.000Z',
      ),
    },
    {
      why: 'a meter with a fraction, as text',
      payload: { ...base, meterStop: '5000.25' },
      strict: 'TypeConstraintViolation',
      deviations: ['X-10 /meterStop: no count of Wh'],
      report: report({ meterStopWh: '5000.25', key: { timestampText: time, meterStopText: '5000.25' } }),
    },
  ],
  fails: [],
  answers: [
    { why: 'no tag, no judgement (I-08)', made: told('StopTransaction', 'transaction.ended', {}), payload: {} },
    {
      why: 'the tag is true standing',
      made: told('StopTransaction', 'transaction.ended', { idTokenInfo: { status: 'Expired' } }),
      payload: { idTagInfo: { status: 'Expired' } },
    },
  ],
};
