import type { CallHandler } from './handler.js';

/** Scheduled while a session runs; connector 0 means all (OCPP 1.6, 5.2). */
export const changeAvailability: CallHandler = (station, payload) => {
  const id = Number(payload['connectorId']);
  const operative = payload['type'] === 'Operative';
  const concerned = id === 0 ? station.connectors : station.connectors.filter((connector) => connector.id === id);
  if (concerned.length === 0) {
    return { payload: { status: 'Rejected' } };
  }
  const running = concerned.filter((connector) => connector.session !== undefined);
  return {
    payload: { status: running.length > 0 && !operative ? 'Scheduled' : 'Accepted' },
    afterwards: () => {
      for (const connector of concerned) {
        connector.inoperativeLater = !operative && connector.session !== undefined;
        if (!connector.inoperativeLater) {
          connector.operative = operative;
          void station.settle(connector);
        }
      }
    },
  };
};
