import type { OutboundTable } from '../case-table.js';

export const reset: OutboundTable = {
  lowers: [
    { why: 'at once', params: { mode: 'Immediate' }, calls: [{ action: 'Reset', payload: { type: 'Hard' } }] },
    { why: 'when idle', params: { mode: 'OnIdle' }, calls: [{ action: 'Reset', payload: { type: 'Soft' } }] },
  ],
  invalid: [
    { why: 'no mode', params: {}, pointers: ['/mode'] },
    { why: "1.6's own word", params: { mode: 'Hard' }, pointers: ['/mode'] },
  ],
  fails: [{ why: 'an unknown type', payload: { type: 'Immediate' }, code: 'PropertyConstraintViolation' }],
  answers: [{ why: 'no', payload: { status: 'Rejected' }, deviations: [], outcome: 'rejected', detail: 'Rejected' }],
  badAnswers: [{ why: 'a list', payload: [], detail: 'payload: not of type object' }],
};
