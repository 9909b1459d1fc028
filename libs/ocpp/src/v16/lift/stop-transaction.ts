import type { Lift, LowerAnswer } from '../../catalogue.js';
import { words16 } from '../schemas.js';
import { idTagInfo } from './id-tag-info.js';
import { isImplausible, ownText, readDecimal, readText, readTime } from './read.js';
import { liftReadings } from './readings.js';

const reasons = words16('StopTransactionRequest', 'reason');

/** OCPP 1.6, 4.10. Needs nothing: it has happened, and the station goes on sending it until it is answered. */
export const liftStopTransaction: Lift = (payload, receivedAt, notes) => {
  const time = readTime(payload['timestamp'], '/timestamp', receivedAt, notes);
  const meterStop = readDecimal(payload['meterStop']);
  if (meterStop === undefined) notes.add('X-10', '/meterStop: no number');
  else if (!/^\d+$/.test(meterStop)) notes.add('X-10', '/meterStop: no count of Wh');
  const transaction = ownText(payload['transactionId']).slice(0, 64);
  if (!/^[1-9]\d*$/.test(transaction)) notes.add('X-04', '/transactionId: no id that was ever given');
  const idToken = readText(payload['idTag']);
  const reason = readText(payload['reason'])?.slice(0, 64);
  if (reason !== undefined && !reasons.has(reason)) notes.add('X-08', '/reason: unknown word');
  const data = payload['transactionData'];
  if (data !== undefined && !Array.isArray(data)) notes.add('X-11', '/transactionData: no list');
  return {
    type: 'transaction.ended',
    occurredAt: time.at,
    data: {
      ocppTransactionId: transaction,
      ...(idToken === undefined ? {} : { idToken }),
      meterStopWh: meterStop ?? null,
      key: { timestampText: time.text, meterStopText: ownText(payload['meterStop']).slice(0, 64) },
      stopReason: reason ?? 'Local',
      implausibleClock: isImplausible(time, receivedAt),
      readings: liftReadings(data, '/transactionData', receivedAt, notes),
    },
  };
};

export const answerStopTransaction: LowerAnswer<'transaction.ended'> = (answer) =>
  answer.idTokenInfo === undefined ? {} : { idTagInfo: idTagInfo(answer.idTokenInfo) }; // I-08, X-01
