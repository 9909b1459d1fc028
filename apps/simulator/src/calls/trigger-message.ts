import type { CallHandler } from './handler.js';

/** The answer goes first, then the message that was asked for (OCPP 1.6, 5.17). */
export const triggerMessage: CallHandler = (station, payload) => {
  const wanted = String(payload['requestedMessage']);
  const id = payload['connectorId'];
  const concerned =
    id === undefined ? station.connectors : station.connectors.filter((connector) => connector.id === id);
  const messages: Readonly<Record<string, () => void>> = {
    Heartbeat: () => void station.ask('Heartbeat', {}),
    StatusNotification: () => {
      for (const connector of concerned) {
        void station.reportStatus(connector.id, connector.status, connector.errorCode);
      }
    },
    MeterValues: () => {
      for (const connector of concerned) {
        station.sample(connector, 'Trigger');
      }
    },
    DiagnosticsStatusNotification: () => void station.ask('DiagnosticsStatusNotification', { status: 'Idle' }),
    FirmwareStatusNotification: () => void station.ask('FirmwareStatusNotification', { status: 'Idle' }),
  };
  const message = Object.hasOwn(messages, wanted) ? messages[wanted] : undefined;
  if (message === undefined) {
    return { payload: { status: wanted === 'BootNotification' ? 'Rejected' : 'NotImplemented' } };
  }
  return { payload: { status: concerned.length === 0 ? 'Rejected' : 'Accepted' }, afterwards: message };
};
