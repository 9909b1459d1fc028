import type { Lowering } from '../../lowering.js';
import { evseId, exactly, readNumber } from './params.js';

/** OCPP 1.6, 5.2. Without an EVSE it is the whole station. */ // C-02
export const lowerChangeAvailability: Lowering = {
  params: exactly({ evseId: { ...evseId, minimum: 0 }, operational: { type: 'boolean' } }, ['operational']),
  lower: (params) => ({
    calls: [
      {
        action: 'ChangeAvailability',
        payload: {
          connectorId: readNumber(params['evseId']) ?? 0,
          type: params['operational'] === true ? 'Operative' : 'Inoperative',
        },
      },
    ],
  }),
};
