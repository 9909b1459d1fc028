import { type InboundTable, told } from '../case-table.js';

const at = '2026-11-22T09:18:06.000Z';
const report = (data: object) => ({ type: 'vendor.dataReceived', occurredAt: at, data });

export const dataTransfer: InboundTable = {
  passes: [
    { why: 'a vendor alone', payload: { vendorId: 'org.v' }, report: report({ vendorId: 'org.v' }) },
    {
      why: 'all members',
      payload: { vendorId: 'org.v', messageId: 'm', data: '{"a":1}' },
      report: report({ vendorId: 'org.v', messageId: 'm', data: '{"a":1}' }),
    },
  ],
  coerced: [
    {
      why: 'an object is kept as its text (D-02)',
      payload: { vendorId: 'org.v', data: { a: [1, null] } },
      strict: 'TypeConstraintViolation',
      deviations: ['D-02 /data: JSON instead of text'],
      report: report({ vendorId: 'org.v', data: '{"a":[1,null]}' }),
    },
    {
      why: 'a longer message id is cut',
      payload: { vendorId: 'org.v', messageId: 'm'.repeat(51) },
      strict: 'PropertyConstraintViolation',
      deviations: ['8.2.4 /messageId: over 50 characters'],
      report: report({ vendorId: 'org.v', messageId: 'm'.repeat(50) }),
    },
  ],
  fails: [
    { why: 'no vendor', payload: { data: 'x' }, code: 'OccurenceConstraintViolation' },
    { why: 'an object as vendor', payload: { vendorId: {} }, code: 'TypeConstraintViolation' },
  ],
  answers: [
    {
      why: 'data of a known vendor',
      made: told('DataTransfer', 'vendor.dataReceived', { status: 'Accepted', data: 'x' }),
      payload: { status: 'Accepted', data: 'x' },
    },
    {
      why: 'no data for an unknown one (D-01)',
      made: told('DataTransfer', 'vendor.dataReceived', { status: 'UnknownVendorId', data: 'x' }),
      payload: { status: 'UnknownVendorId' },
    },
  ],
};
