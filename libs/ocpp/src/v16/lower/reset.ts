import type { Lowering } from '../../lowering.js';
import { exactly } from './params.js';

/** OCPP 1.6, 5.14. On idle is what Soft comes nearest to: it ends transactions before it resets. */ // C-14
export const lowerReset: Lowering = {
  params: exactly({ mode: { type: 'string', enum: ['Immediate', 'OnIdle'] } }, ['mode']),
  lower: (params) => ({
    calls: [{ action: 'Reset', payload: { type: params['mode'] === 'Immediate' ? 'Hard' : 'Soft' } }],
  }),
};
