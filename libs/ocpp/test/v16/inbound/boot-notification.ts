import { type InboundTable, told } from '../case-table.js';

const at = '2026-11-22T09:18:06.000Z';
const report = (data: object) => ({ type: 'station.booted', occurredAt: at, data });

export const bootNotification: InboundTable = {
  passes: [
    {
      why: 'the least',
      payload: { chargePointVendor: 'Vendor', chargePointModel: 'Model' },
      report: report({ vendor: 'Vendor', model: 'Model' }),
    },
    {
      why: 'the most',
      payload: {
        chargePointVendor: 'Vendor',
        chargePointModel: 'Model',
        chargePointSerialNumber: 'SN-1',
        chargeBoxSerialNumber: 'BOX-1',
        firmwareVersion: '1.2.3',
        iccid: '89000',
        imsi: '262000',
        meterType: 'Meter',
        meterSerialNumber: 'M-1',
      },
      report: report({
        vendor: 'Vendor',
        model: 'Model',
        serialNumber: 'SN-1',
        firmwareVersion: '1.2.3',
        modem: { iccid: '89000', imsi: '262000' },
        meter: { type: 'Meter', serialNumber: 'M-1' },
        chargeBoxSerialNumber: 'BOX-1',
      }),
    },
    {
      why: 'empty texts are absent (R-11)',
      payload: { chargePointVendor: 'Vendor', chargePointModel: 'Model', imsi: '', firmwareVersion: '' },
      report: report({ vendor: 'Vendor', model: 'Model' }),
    },
  ],
  coerced: [
    {
      why: 'a longer text is cut',
      payload: { chargePointVendor: 'V'.repeat(21), chargePointModel: 'Model' },
      strict: 'PropertyConstraintViolation',
      deviations: ['R-11 /chargePointVendor: over 20 characters'],
      report: report({ vendor: 'V'.repeat(20), model: 'Model' }),
    },
    {
      why: 'null is absent, a number is text, an extra member is nothing',
      payload: { chargePointVendor: 'Vendor', chargePointModel: 7, iccid: null, reason: 'PowerUp' },
      strict: 'FormationViolation',
      deviations: [
        'R-11 /chargePointModel: number instead of text',
        '8.2.2 /iccid: null',
        'M-18 /reason: unknown member',
      ],
      report: report({ vendor: 'Vendor', model: '7' }),
    },
  ],
  fails: [
    { why: 'no model', payload: { chargePointVendor: 'Vendor' }, code: 'OccurenceConstraintViolation' },
    {
      why: 'a list as vendor',
      payload: { chargePointVendor: [], chargePointModel: 'M' },
      code: 'TypeConstraintViolation',
    },
    { why: 'a text', payload: 'boot', code: 'FormationViolation' },
  ],
  answers: [
    {
      why: 'three decimals and Z (R-14)',
      made: told('BootNotification', 'station.booted', { status: 'accepted', intervalSeconds: 300 }),
      payload: { status: 'Accepted', currentTime: '2026-11-22T09:18:06.000Z', interval: 300 },
    },
    {
      why: 'the wait until the next try',
      made: told('BootNotification', 'station.booted', { status: 'pending', intervalSeconds: 0 }),
      payload: { status: 'Pending', currentTime: '2026-11-22T09:18:06.000Z', interval: 0 },
    },
    {
      why: 'refused',
      made: told('BootNotification', 'station.booted', { status: 'rejected', intervalSeconds: 60 }),
      payload: { status: 'Rejected', currentTime: '2026-11-22T09:18:06.000Z', interval: 60 },
    },
  ],
};
