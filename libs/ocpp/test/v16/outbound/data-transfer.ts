import type { OutboundTable } from '../case-table.js';

export const dataTransferOut: OutboundTable = {
  lowers: [
    {
      why: 'as it is',
      params: { vendorId: 'org.v', messageId: 'm', data: '{}' },
      calls: [{ action: 'DataTransfer', payload: { vendorId: 'org.v', messageId: 'm', data: '{}' } }],
    },
  ],
  invalid: [
    { why: 'no vendor', params: { data: 'x' }, pointers: ['/vendorId'] },
    { why: 'data that is no text', params: { vendorId: 'v', data: {} }, pointers: ['/data'] },
    { why: 'a long message id', params: { vendorId: 'v', messageId: 'm'.repeat(51) }, pointers: ['/messageId'] },
  ],
  fails: [{ why: 'no vendor', payload: {}, code: 'OccurenceConstraintViolation' }],
  answers: [
    {
      why: 'an object as data (D-02)',
      payload: { status: 'Accepted', data: { a: 1 } },
      deviations: ['D-02 /data: JSON instead of text'],
      outcome: 'accepted',
      detail: 'Accepted',
    },
    {
      why: 'an unknown vendor',
      payload: { status: 'UnknownVendorId' },
      deviations: [],
      outcome: 'rejected',
      detail: 'UnknownVendorId',
    },
  ],
  badAnswers: [{ why: 'a list as status', payload: { status: [] }, detail: '/status: not of type string' }],
};
