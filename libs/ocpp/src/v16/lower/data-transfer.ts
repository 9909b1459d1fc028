import type { Lowering } from '../../lowering.js';
import { exactly } from './params.js';

/** OCPP 1.6, 5.6. */ // C-06, D-01
export const lowerDataTransfer: Lowering = {
  params: exactly(
    {
      vendorId: { type: 'string', minLength: 1, maxLength: 255 },
      messageId: { type: 'string', maxLength: 50 },
      data: { type: 'string' },
    },
    ['vendorId'],
  ),
  lower: (params) => ({ calls: [{ action: 'DataTransfer', payload: { ...params } }] }),
};
