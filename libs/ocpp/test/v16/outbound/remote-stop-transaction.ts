import type { OutboundTable } from '../case-table.js';

const call = (transactionId: number) => [{ action: 'RemoteStopTransaction', payload: { transactionId } }];

export const remoteStopTransaction: OutboundTable = {
  lowers: [
    { why: 'by the wire id', params: { ocppTransactionId: 4711 }, calls: call(4711) },
    { why: 'an id that no station has (C-12)', params: { ocppTransactionId: -1 }, calls: call(-1) },
    { why: 'by our id', params: { transaction: 'id' }, context: { ocppTransactionId: 7 }, calls: call(7) },
  ],
  invalid: [
    { why: 'neither', params: {}, pointers: [''] },
    { why: 'both', params: { transaction: 'id', ocppTransactionId: 7 }, pointers: [''] },
    { why: 'ours, and nobody knows it', params: { transaction: 'id' }, pointers: ['/transaction'] },
    { why: 'no integer', params: { ocppTransactionId: 1.5 }, pointers: ['/ocppTransactionId'] },
  ],
  fails: [{ why: 'a text', payload: { transactionId: '1' }, code: 'TypeConstraintViolation' }],
  answers: [
    {
      why: 'unknown id (TC_028)',
      payload: { status: 'Rejected' },
      deviations: [],
      outcome: 'rejected',
      detail: 'Rejected',
    },
  ],
  badAnswers: [{ why: 'an object as status', payload: { status: {} }, detail: '/status: not of type string' }],
};
