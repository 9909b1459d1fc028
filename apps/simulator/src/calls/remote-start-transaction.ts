import type { ChargingStation } from '../station/charging-station.js';
import type { Connector } from '../station/connector.js';
import type { CallHandler } from './handler.js';

/** Accepted when a connector is free; the token is asked for first where AuthorizeRemoteTxRequests says so. */
export const remoteStartTransaction: CallHandler = (station, payload) => {
  const idTag = String(payload['idTag']);
  const asked = payload['connectorId'];
  const free = (connector: Connector): boolean =>
    connector.operative && connector.session === undefined && connector.errorCode === 'NoError';
  const connector =
    asked === undefined
      ? (station.connectors.find((one) => free(one) && one.plugged) ?? station.connectors.find(free))
      : station.connector(Number(asked));
  if (connector === undefined || !free(connector)) {
    return { payload: { status: 'Rejected' } };
  }
  return {
    payload: { status: 'Accepted' },
    afterwards: () => {
      void (async () => {
        const status = station.configuration.is('AuthorizeRemoteTxRequests')
          ? await station.authorize(idTag)
          : 'Accepted';
        if (status !== 'Accepted') {
          return;
        }
        station.accept(connector, idTag);
        const wait = station.options.plugAfterRemoteStartMs;
        if (!connector.plugged && wait !== undefined) {
          setTimeout(() => void visit(station, connector), wait);
        }
      })();
    },
  };
};

/** The obliging driver: plugs in, and leaves if the options say so and the same session still runs. */
async function visit(station: ChargingStation, connector: Connector): Promise<void> {
  await station.plugIn(connector);
  const { session } = connector;
  const stay = station.options.leaveAfterRemoteStartMs;
  if (session === undefined || stay === undefined) return;
  setTimeout(() => {
    if (connector.session === session) void station.unplug(connector);
  }, stay);
}
