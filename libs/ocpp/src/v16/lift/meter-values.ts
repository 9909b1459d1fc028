import type { Lift, LowerAnswer } from '../../catalogue.js';
import { ownText, readConnector } from './read.js';
import { liftReadings } from './readings.js';

/** OCPP 1.6, 4.7. Every message gives a report, also one without a single usable sample. */ // V-01
export const liftMeterValues: Lift = (payload, receivedAt, notes) => {
  const readings = liftReadings(payload['meterValue'], '/meterValue', receivedAt, notes);
  const transaction = ownText(payload['transactionId']).slice(0, 64);
  const occurredAt = readings[0]?.sampledAt;
  return {
    type: 'meter.sampled',
    ...readConnector(payload['connectorId'], notes), // V-02
    ...(occurredAt === undefined ? {} : { occurredAt }),
    data: { ...(transaction === '' ? {} : { ocppTransactionId: transaction }), readings },
  };
};

export const answerMeterValues: LowerAnswer<'meter.sampled'> = () => ({}); // V-01
