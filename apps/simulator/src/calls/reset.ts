import type { CallHandler } from './handler.js';

/** Always accepted: sessions end first, then the station restarts (OCPP 1.6, 5.14). */
export const reset: CallHandler = (station, payload) => ({
  payload: { status: 'Accepted' },
  afterwards: () => void station.reset(payload['type'] === 'Hard' ? 'HardReset' : 'SoftReset'),
});
