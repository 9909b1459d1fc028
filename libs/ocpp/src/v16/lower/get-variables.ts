import type { Lowering } from '../../lowering.js';
import { exactly } from './params.js';

/** OCPP 1.6, 5.8. No keys means all of them, in one CALL; otherwise as many a CALL as the station takes. */ // C-08
export const lowerGetVariables: Lowering = {
  params: exactly({
    keys: { type: 'array', maxItems: 500, items: { type: 'string', minLength: 1, maxLength: 50 } },
  }),
  lower: (params, context) => {
    const keys = Array.isArray(params['keys']) ? params['keys'] : [];
    if (keys.length === 0) return { calls: [{ action: 'GetConfiguration', payload: {} }] };
    const most = Math.max(1, context.maxKeysPerGetVariables ?? keys.length);
    const calls = [];
    for (let from = 0; from < keys.length; from += most) {
      calls.push({ action: 'GetConfiguration', payload: { key: keys.slice(from, from + most) } });
    }
    return { calls };
  },
};
