import type { Lowering } from '../../lowering.js';
import { evseId, exactly, readNumber } from './params.js';

/** OCPP 1.6, 5.18. An EVSE of a 1.6 station has one connector, number 1. */ // C-18
export const lowerUnlockConnector: Lowering = {
  params: exactly({ evseId, connectorId: { type: 'integer', minimum: 1, maximum: 1 } }, ['evseId']),
  lower: (params) => ({
    calls: [{ action: 'UnlockConnector', payload: { connectorId: readNumber(params['evseId']) ?? 0 } }],
  }),
};
