import type { OutboundTable } from '../case-table.js';

export const unlockConnector: OutboundTable = {
  lowers: [
    {
      why: 'a connector',
      params: { evseId: 3 },
      calls: [{ action: 'UnlockConnector', payload: { connectorId: 3 } }],
    },
    {
      why: 'its only connector by number',
      params: { evseId: 3, connectorId: 1 },
      calls: [{ action: 'UnlockConnector', payload: { connectorId: 3 } }],
    },
  ],
  invalid: [
    { why: 'none', params: {}, pointers: ['/evseId'] },
    { why: 'the station (C-18)', params: { evseId: 0 }, pointers: ['/evseId'] },
    {
      why: 'a second connector, which 1.6 cannot name',
      params: { evseId: 1, connectorId: 2 },
      pointers: ['/connectorId'],
    },
  ],
  fails: [{ why: 'no connector', payload: {}, code: 'OccurenceConstraintViolation' }],
  answers: [
    { why: 'open', payload: { status: 'Unlocked' }, deviations: [], outcome: 'accepted', detail: 'Unlocked' },
    { why: 'stuck', payload: { status: 'UnlockFailed' }, deviations: [], outcome: 'rejected', detail: 'UnlockFailed' },
    { why: 'cannot', payload: { status: 'NotSupported' }, deviations: [], outcome: 'rejected', detail: 'NotSupported' },
  ],
  badAnswers: [{ why: 'a list', payload: [], detail: 'payload: not of type object' }],
};
