import type { OutboundTable } from '../case-table.js';

export const clearCache: OutboundTable = {
  lowers: [{ why: 'nothing to say', params: {}, calls: [{ action: 'ClearCache', payload: {} }] }],
  invalid: [{ why: 'something said', params: { all: true }, pointers: ['/all'] }],
  fails: [{ why: 'a member', payload: { all: true }, code: 'FormationViolation' }],
  answers: [
    { why: 'cleared', payload: { status: 'Accepted' }, deviations: [], outcome: 'accepted', detail: 'Accepted' },
    {
      why: 'no cache (C-04)',
      payload: { status: 'Rejected' },
      deviations: [],
      outcome: 'rejected',
      detail: 'Rejected',
    },
    {
      why: 'a word of its own',
      payload: { status: 'Cleared', at: 1 },
      deviations: ['M-18 /at: unknown member', '8.3 /status: not one of Accepted, Rejected'],
      outcome: 'rejected',
      detail: 'Cleared',
    },
  ],
  badAnswers: [{ why: 'a text', payload: 'ok', detail: 'payload: not of type object' }],
};
