import type { CallHandler } from './handler.js';

/** Accepted for a transaction that runs here (OCPP 1.6, 5.12). */
export const remoteStopTransaction: CallHandler = (station, payload) => {
  const connector = station.connectors.find((one) => one.session?.transactionId === payload['transactionId']);
  if (connector === undefined) {
    return { payload: { status: 'Rejected' } };
  }
  return {
    payload: { status: 'Accepted' },
    afterwards: () => {
      void station.end(connector, 'Remote').then(async () => {
        if (station.options.plugAfterRemoteStartMs !== undefined) {
          await station.unplug(connector);
        }
      });
    },
  };
};
