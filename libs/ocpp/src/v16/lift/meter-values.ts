import type { Lift, LowerAnswer } from '../../catalogue.js';
import { ownText, readConnector } from './read.js';
import { liftReadings } from './readings.js';

/** OCPP 1.6, 4.7. Every message gives a report, also one without a single usable sample. */ // V-01
export const liftMeterValues: Lift = (payload, receivedAt, notes) => {
  const list = payload['meterValue'];
  if (!Array.isArray(list) || list.length === 0) notes.add('V-06', '/meterValue: no elements'); // V-06
  const readings = liftReadings(list, '/meterValue', receivedAt, notes);
  const transaction = ownText(payload['transactionId']).slice(0, 64);
  if (payload['transactionId'] !== undefined && !/^-?\d{1,10}$/.test(transaction)) {
    notes.add('X-04', '/transactionId: no id that was ever given');
  }
  const occurredAt = readings[0]?.sampledAt;
  return {
    type: 'meter.sampled',
    ...readConnector(payload['connectorId'], notes), // V-02
    ...(occurredAt === undefined ? {} : { occurredAt }),
    data: { ...(transaction === '' ? {} : { ocppTransactionId: transaction }), readings },
  };
};

export const answerMeterValues: LowerAnswer<'meter.sampled'> = () => ({}); // V-01
