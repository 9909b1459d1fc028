import { type InboundTable, told } from '../case-table.js';

const time = '2026-11-22T09:00:00Z';
const base = { connectorId: 1, idTag: 'TAG', meterStart: 1200, timestamp: time };
const report = (data: object, envelope: object = {}) => ({
  type: 'transaction.started',
  evseId: 1,
  connectorId: 1,
  occurredAt: '2026-11-22T09:00:00.000Z',
  ...envelope,
  data: {
    idToken: 'TAG',
    meterStartWh: '1200',
    key: { timestampText: time, meterStartText: '1200' },
    implausibleClock: false,
    ...data,
  },
});

export const startTransaction: InboundTable = {
  passes: [
    { why: 'the least', payload: base, report: report({}) },
    { why: 'a reservation (S-13)', payload: { ...base, reservationId: 7 }, report: report({ reservationId: 7 }) },
    { why: 'reservation 0 is none (S-13)', payload: { ...base, reservationId: 0 }, report: report({}) },
    { why: 'reservation -1 is none (S-13)', payload: { ...base, reservationId: -1 }, report: report({}) },
    {
      why: 'an integral float is an integer',
      payload: `{"connectorId":1,"idTag":"TAG","meterStart":1200.0,"timestamp":"${time}"}`,
      report: report({}),
    },
    {
      why: 'a clock in 1970 (S-07)',
      payload: { ...base, timestamp: '1970-01-01T00:00:00Z' },
      report: report(
        { key: { timestampText: '1970-01-01T00:00:00Z', meterStartText: '1200' }, implausibleClock: true },
        { occurredAt: '1970-01-01T00:00:00.000Z' },
      ),
    },
    {
      why: 'a clock two days ahead (S-07)',
      payload: { ...base, timestamp: '2026-11-24T09:18:06Z' },
      report: report(
        { key: { timestampText: '2026-11-24T09:18:06Z', meterStartText: '1200' }, implausibleClock: true },
        { occurredAt: '2026-11-24T09:18:06.000Z' },
      ),
    },
    {
      why: 'a clock 24 h ahead is believed (S-07)',
      payload: { ...base, timestamp: '2026-11-23T09:18:06Z' },
      report: report(
        { key: { timestampText: '2026-11-23T09:18:06Z', meterStartText: '1200' } },
        { occurredAt: '2026-11-23T09:18:06.000Z' },
      ),
    },
  ],
  coerced: [
    {
      why: 'texts for numbers and a number for the tag, with its digits',
      payload: `{"connectorId":"1","idTag":12345678901234567890,"meterStart":"1200","timestamp":"${time}"}`,
      strict: 'TypeConstraintViolation',
      deviations: [
        '8.2.3 /connectorId: text instead of a number',
        'I-09 /idTag: number instead of text',
        'S-14 /meterStart: text instead of a number',
      ],
      report: report({ idToken: '12345678901234567890' }),
    },
    {
      why: 'a fraction keeps its digits (S-14)',
      payload: `{"connectorId":1,"idTag":"TAG","meterStart":1200.50,"timestamp":"${time}"}`,
      strict: 'TypeConstraintViolation',
      deviations: ['S-14 /meterStart: no count of Wh'],
      report: report({ meterStartWh: '1200.5', key: { timestampText: time, meterStartText: '1200.50' } }),
    },
    {
      why: 'a count beyond 2^53 is not rounded',
      payload: `{"connectorId":1,"idTag":"TAG","meterStart":9007199254740993,"timestamp":"${time}","x":0}`,
      strict: 'FormationViolation',
      deviations: ['M-18 /x: unknown member'],
      report: report({
        meterStartWh: '9007199254740993',
        key: { timestampText: time, meterStartText: '9007199254740993' },
      }),
    },
    {
      why: 'no meter and no clock',
      payload: { connectorId: 1, idTag: 'TAG' },
      strict: 'OccurenceConstraintViolation',
      deviations: ['8.1 /timestamp: missing', 'S-14 /meterStart: no number, taken as 0'],
      report: report(
        { meterStartWh: '0', key: { timestampText: '', meterStartText: '' }, implausibleClock: true },
        { occurredAt: '2026-11-22T09:18:06.000Z' },
      ),
    },
    {
      why: 'a meter that is no number',
      payload: { ...base, meterStart: 'n/a' },
      strict: 'TypeConstraintViolation',
      deviations: ['S-14 /meterStart: no number, taken as 0'],
      report: report({ meterStartWh: '0', key: { timestampText: time, meterStartText: 'n/a' } }),
    },
    {
      why: 'a longer tag stays whole (I-09)',
      payload: { ...base, idTag: 'T'.repeat(21) },
      strict: 'PropertyConstraintViolation',
      deviations: ['I-09 /idTag: over 20 characters'],
      report: report({ idToken: 'T'.repeat(21) }),
    },
    {
      why: 'a blank for T, and null as reservation',
      payload: { ...base, timestamp: '2026-11-22 09:00:00', reservationId: null },
      strict: 'TypeConstraintViolation',
      deviations: ['8.2.2 /reservationId: null', '8.1 /timestamp: no zone, taken as UTC'],
      report: report({ key: { timestampText: '2026-11-22 09:00:00', meterStartText: '1200' } }),
    },
    {
      why: 'seconds since 1970 as a number',
      payload: { ...base, timestamp: 1795338000 },
      strict: 'TypeConstraintViolation',
      deviations: ['8.2.3 /timestamp: number instead of text', '8.1 /timestamp: seconds since 1970'],
      report: report({ key: { timestampText: '1795338000', meterStartText: '1200' } }),
    },
  ],
  fails: [
    { why: 'no tag', payload: { ...base, idTag: undefined }, code: 'OccurenceConstraintViolation' },
    { why: 'null as tag', payload: { ...base, idTag: null }, code: 'OccurenceConstraintViolation' },
    { why: 'a list as tag', payload: { ...base, idTag: [] }, code: 'TypeConstraintViolation' },
    { why: 'no connector', payload: { ...base, connectorId: undefined }, code: 'OccurenceConstraintViolation' },
    { why: 'a word as connector', payload: { ...base, connectorId: 'left' }, code: 'TypeConstraintViolation' },
    { why: 'no object', payload: 7, code: 'FormationViolation' },
  ],
  answers: [
    {
      why: 'id and judgement, always both (S-01)',
      made: told('StartTransaction', 'transaction.started', {
        ocppTransactionId: 4711,
        idTokenInfo: { status: 'NoCredit' },
      }),
      payload: { idTagInfo: { status: 'Blocked' }, transactionId: 4711 },
    },
  ],
};
