import { invalid, type Lowering } from '../../lowering.js';
import { evseId, exactly, readNumber } from './params.js';

const tagMax = 20;

/** OCPP 1.6, 5.11. The group has no place in the message: the station asks for it when it authorises. */ // C-11
export const lowerRequestStartTransaction: Lowering = {
  params: exactly(
    {
      evseId,
      idToken: { type: 'string', minLength: 1, maxLength: 255 },
      group: { type: 'string', maxLength: 255 },
      chargingProfile: { type: 'string', maxLength: 255 },
    },
    ['idToken'],
  ),
  lower: (params) => {
    const idTag = String(params['idToken']);
    if ([...idTag].length > tagMax) return invalid('/idToken', `OCPP 1.6 takes at most ${tagMax} characters`);
    if (params['chargingProfile'] !== undefined) return { notSupported: 'a charging profile in a remote start' };
    const connectorId = readNumber(params['evseId']);
    const payload = { ...(connectorId === undefined ? {} : { connectorId }), idTag };
    return { calls: [{ action: 'RemoteStartTransaction', payload }] };
  },
};
