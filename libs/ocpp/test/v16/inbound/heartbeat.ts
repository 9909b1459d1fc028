import { heartbeatAnswer } from '@busbar/ocpp';
import { type InboundTable, now } from '../case-table.js';

/** The gateway answers by itself, so there is no report. */
const none = {};

export const heartbeat: InboundTable = {
  passes: [{ why: 'nothing', payload: {}, report: none }],
  coerced: [
    {
      why: 'something after all',
      payload: { status: 'ok' },
      strict: 'FormationViolation',
      deviations: ['M-18 /status: unknown member'],
      report: none,
    },
  ],
  fails: [{ why: 'a list', payload: [], code: 'FormationViolation' }],
  answers: [
    {
      why: 'three decimals and Z (R-14)',
      made: heartbeatAnswer('1.6', { now }),
      payload: { currentTime: '2026-11-22T09:18:06.000Z' },
    },
  ],
};
