import { invalid, type Lowering } from '../../lowering.js';
import { exactly, readNumber } from './params.js';

/** OCPP 1.6, 5.12. Any integer can be sent: the station judges what it does not know. */ // C-12
export const lowerRequestStopTransaction: Lowering = {
  params: exactly({
    transaction: { type: 'string', minLength: 1, maxLength: 64 },
    ocppTransactionId: { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 },
  }),
  lower: (params, context) => {
    const named = params['transaction'] !== undefined;
    const numbered = readNumber(params['ocppTransactionId']);
    if (named === (numbered !== undefined)) return invalid('', 'one of transaction and ocppTransactionId');
    const transactionId = named ? context.ocppTransactionId : numbered;
    if (transactionId === undefined) return invalid('/transaction', 'no such transaction');
    return { calls: [{ action: 'RemoteStopTransaction', payload: { transactionId } }] };
  },
};
