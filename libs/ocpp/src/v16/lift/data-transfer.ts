import type { Lift, LowerAnswer } from '../../catalogue.js';
import { readText } from './read.js';

/** OCPP 1.6, 4.3, when the station sends it. */ // D-01
export const liftDataTransfer: Lift = (payload) => {
  const messageId = readText(payload['messageId']);
  const data = payload['data'];
  return {
    type: 'vendor.dataReceived',
    data: {
      vendorId: readText(payload['vendorId']) ?? '',
      ...(messageId === undefined ? {} : { messageId }),
      ...(typeof data === 'string' ? { data } : {}), // D-02
    },
  };
};

export const answerDataTransfer: LowerAnswer<'vendor.dataReceived'> = (answer) => {
  const known = answer.status === 'Accepted' || answer.status === 'Rejected';
  return { status: answer.status, ...(known && answer.data !== undefined ? { data: answer.data } : {}) }; // D-01
};
