import type { Lowering } from '../../lowering.js';
import { exactly } from './params.js';

/** OCPP 1.6, 5.4. */ // C-04
export const lowerClearCache: Lowering = {
  params: exactly({}),
  lower: () => ({ calls: [{ action: 'ClearCache', payload: {} }] }),
};
