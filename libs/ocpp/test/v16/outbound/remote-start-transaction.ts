import type { OutboundTable } from '../case-table.js';

const call = (payload: object) => [{ action: 'RemoteStartTransaction', payload }];

export const remoteStartTransaction: OutboundTable = {
  lowers: [
    { why: 'any connector', params: { idToken: 'TAG' }, calls: call({ idTag: 'TAG' }) },
    {
      why: 'one connector; the group is not sent',
      params: { evseId: 2, idToken: 'TAG', group: 'G' },
      calls: call({ connectorId: 2, idTag: 'TAG' }),
    },
    { why: 'twenty characters', params: { idToken: '😀'.repeat(20) }, calls: call({ idTag: '😀'.repeat(20) }) },
  ],
  invalid: [
    { why: 'no token', params: {}, pointers: ['/idToken'] },
    { why: 'a token too long for 1.6', params: { idToken: 'T'.repeat(21) }, pointers: ['/idToken'] },
    { why: 'connector 0 (C-11)', params: { idToken: 'T', evseId: 0 }, pointers: ['/evseId'] },
  ],
  notSupported: [{ why: 'a profile inside', params: { idToken: 'T', chargingProfile: 'p' } }],
  fails: [
    { why: 'no tag', payload: { connectorId: 1 }, code: 'OccurenceConstraintViolation' },
    { why: 'a long tag', payload: { idTag: 'T'.repeat(21) }, code: 'PropertyConstraintViolation' },
  ],
  answers: [
    { why: 'will try', payload: { status: 'Accepted' }, deviations: [], outcome: 'accepted', detail: 'Accepted' },
    {
      why: 'null',
      payload: { status: null },
      deviations: ['8.2.2 /status: null', '8.3 /status: required'],
      outcome: 'accepted',
      detail: null,
    },
  ],
  badAnswers: [{ why: 'a number', payload: 1, detail: 'payload: not of type object' }],
};
