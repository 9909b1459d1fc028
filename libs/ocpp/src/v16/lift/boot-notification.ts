import type { Registration } from '@busbar/domain';
import type { Lift, LowerAnswer } from '../../catalogue.js';
import { wireTime } from '../../time.js';
import { readText } from './read.js';

/** OCPP 1.6, 4.2 and 6.3. */
export const liftBootNotification: Lift = (payload) => {
  const serialNumber = readText(payload['chargePointSerialNumber']);
  const chargeBoxSerialNumber = readText(payload['chargeBoxSerialNumber']);
  const firmwareVersion = readText(payload['firmwareVersion']);
  const iccid = readText(payload['iccid']);
  const imsi = readText(payload['imsi']);
  const meterType = readText(payload['meterType']);
  const meterSerial = readText(payload['meterSerialNumber']);
  const modem = { ...(iccid === undefined ? {} : { iccid }), ...(imsi === undefined ? {} : { imsi }) };
  const meter = {
    ...(meterType === undefined ? {} : { type: meterType }),
    ...(meterSerial === undefined ? {} : { serialNumber: meterSerial }),
  };
  return {
    type: 'station.booted',
    data: {
      vendor: readText(payload['chargePointVendor']) ?? '',
      model: readText(payload['chargePointModel']) ?? '',
      ...(serialNumber === undefined ? {} : { serialNumber }),
      ...(firmwareVersion === undefined ? {} : { firmwareVersion }),
      ...(Object.keys(modem).length === 0 ? {} : { modem }),
      ...(Object.keys(meter).length === 0 ? {} : { meter }),
      ...(chargeBoxSerialNumber === undefined ? {} : { chargeBoxSerialNumber }),
    },
  };
};

const words: Readonly<Record<Registration, string>> = {
  accepted: 'Accepted',
  pending: 'Pending',
  rejected: 'Rejected',
};

export const answerBootNotification: LowerAnswer<'station.booted'> = (answer, context) => ({
  status: words[answer.status],
  currentTime: wireTime(context.now),
  interval: answer.intervalSeconds,
});
