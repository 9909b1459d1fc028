import type { ChargingState, ConnectorState } from '@busbar/domain';
import type { ReportData } from '@busbar/events';
import type { Lift, LowerAnswer } from '../../catalogue.js';
import type { Notes } from '../../tolerance/notes.js';
import { words16 } from '../schemas.js';
import { readConnector, readText, readTime } from './read.js';

interface Axes {
  connectorState: ConnectorState;
  chargingState: ChargingState;
  phase?: 'preparing' | 'finishing';
}

/** The nine words of 1.6 on the two axes, and 1.5's Occupied, which old firmware still sends. */
const axes: ReadonlyMap<string, Axes> = new Map<string, Axes>([
  ['Available', { connectorState: 'Available', chargingState: 'Idle' }],
  ['Preparing', { connectorState: 'Occupied', chargingState: 'EVConnected', phase: 'preparing' }],
  ['Charging', { connectorState: 'Occupied', chargingState: 'Charging' }],
  ['SuspendedEVSE', { connectorState: 'Occupied', chargingState: 'SuspendedEVSE' }],
  ['SuspendedEV', { connectorState: 'Occupied', chargingState: 'SuspendedEV' }],
  ['Finishing', { connectorState: 'Occupied', chargingState: 'EVConnected', phase: 'finishing' }],
  ['Reserved', { connectorState: 'Reserved', chargingState: 'Idle' }],
  ['Unavailable', { connectorState: 'Unavailable', chargingState: 'Idle' }],
  ['Faulted', { connectorState: 'Faulted', chargingState: 'Idle' }],
  ['Occupied', { connectorState: 'Occupied', chargingState: 'EVConnected' }],
]);

const stationWords = new Set(['Available', 'Unavailable', 'Faulted']);

const errorCodes = words16('StatusNotificationRequest', 'errorCode');

/** OCPP 1.6, 4.9. */ // N-01
export const liftStatusNotification: Lift = (payload, receivedAt, notes) => {
  const connector = readConnector(payload['connectorId'], notes);
  const status = (readText(payload['status']) ?? '').slice(0, 64);
  if (connector.evseId === 0 && !stationWords.has(status)) notes.add('N-02', '/status: none of the station itself'); // N-02
  const timestamp = payload['timestamp'];
  const time = timestamp === undefined ? undefined : readTime(timestamp, '/timestamp', receivedAt, notes);
  const info = readText(payload['info']); // N-09
  const vendorId = readText(payload['vendorId']);
  const vendorErrorCode = readText(payload['vendorErrorCode']);
  return {
    type: 'connector.statusChanged',
    ...connector,
    occurredAt: time?.at ?? receivedAt,
    data: {
      ...stateOf(status, notes),
      status,
      errorCode: errorCodeOf(payload['errorCode'], notes),
      ...(info === undefined ? {} : { info }),
      ...(vendorId === undefined ? {} : { vendorId }),
      ...(vendorErrorCode === undefined ? {} : { vendorErrorCode }),
      ...(time === undefined ? {} : { timestampText: time.text }),
    },
  };
};

type State = Pick<ReportData['connector.statusChanged'], 'connectorState' | 'chargingState' | 'phase' | 'keepsState'>;

/** An unknown word says nothing about the connector: it keeps the state that it has. */ // 8.2.5
function stateOf(status: string, notes: Notes): State {
  const known = axes.get(status);
  if (known !== undefined && status !== 'Occupied') return known;
  notes.add('8.2.5', '/status: unknown word');
  return known ?? { connectorState: 'Unavailable', chargingState: 'Idle', keepsState: true };
}

function errorCodeOf(value: unknown, notes: Notes): string {
  const code = readText(value) ?? 'NoError';
  if (errorCodes.has(code)) return code;
  notes.add('8.2.5', `/errorCode: unknown word ${code.slice(0, 32)}, taken as OtherError`);
  return 'OtherError';
}

export const answerStatusNotification: LowerAnswer<'connector.statusChanged'> = () => ({}); // N-01
