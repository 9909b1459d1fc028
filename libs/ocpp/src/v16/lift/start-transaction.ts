import type { Lift, LowerAnswer } from '../../catalogue.js';
import { idTagInfo } from './id-tag-info.js';
import { isImplausible, ownText, readConnector, readDecimal, readTime } from './read.js';

/** OCPP 1.6, 4.8. Never refused for what it says, so that it always gets its id. */ // S-01
export const liftStartTransaction: Lift = (payload, receivedAt, notes) => {
  const time = readTime(payload['timestamp'], '/timestamp', receivedAt, notes);
  const meterStart = readDecimal(payload['meterStart']);
  if (meterStart === undefined) notes.add('S-14', '/meterStart: no number, taken as 0');
  else if (!/^\d+$/.test(meterStart)) notes.add('S-14', '/meterStart: no count of Wh');
  const connector = readConnector(payload['connectorId'], notes);
  if (connector.evseId === 0) notes.add('S-10', '/connectorId: not above 0');
  const reservation = payload['reservationId'];
  if (reservation !== undefined && typeof reservation !== 'number') {
    notes.add('S-13', '/reservationId: no number, taken as absent'); // S-13
  }
  return {
    type: 'transaction.started',
    ...connector,
    occurredAt: time.at,
    data: {
      idToken: ownText(payload['idTag']), // I-09
      meterStartWh: meterStart ?? '0',
      key: { timestampText: time.text, meterStartText: ownText(payload['meterStart']).slice(0, 64) }, // S-05
      ...(typeof reservation === 'number' && reservation > 0 ? { reservationId: reservation } : {}), // S-13
      implausibleClock: isImplausible(time, receivedAt), // S-07
    },
  };
};

export const answerStartTransaction: LowerAnswer<'transaction.started'> = (answer) => ({
  idTagInfo: idTagInfo(answer.idTokenInfo), // S-01
  transactionId: answer.ocppTransactionId,
});
