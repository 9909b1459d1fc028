import type { CallHandler } from './handler.js';

/** Unlocks; a running session ends with UnlockCommand. An unknown connector is NotSupported (OCPP 1.6, 5.18). */
export const unlockConnector: CallHandler = (station, payload) => {
  const connector = station.connector(Number(payload['connectorId']));
  if (connector === undefined) {
    return { payload: { status: 'NotSupported' } };
  }
  return {
    payload: { status: 'Unlocked' },
    afterwards: () => {
      void station.end(connector, 'UnlockCommand').then(() => station.unplug(connector));
    },
  };
};
