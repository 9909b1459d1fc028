import type { ChargingState, ConnectorState, StationId } from '@busbar/domain';
import { sql, type Transaction } from '@busbar/persistence';
import type { ConnectorStatus } from '../domain/reports/connector-status.js';
import { connectorKey, type StationState } from '../domain/reports/station-state.js';
import {
  type BootRow,
  bootColumns,
  bootOf,
  type PresenceRow,
  presenceColumns,
  presenceOf,
  type StationRow,
  stationColumns,
  stationOf,
} from './station-rows.js';

/** Which parts of the state a batch needs beside station, presence and boot. */
export interface StateRequest {
  stations: readonly StationId[];
  /** Stations whose connectors are needed. */
  connectorsOf: readonly StationId[];
  /** Security events that may be stored already. */
  securityEvents: readonly { station: StationId; digest: string }[];
}

/**
 * Locks the presence rows of all stations, in the order of their ids so that two batches never wait for each
 * other, and then reads the states in statements of their own: one statement would show what stood before the
 * lock was waited for. Stations without a row are left out.
 */
export async function lockStates(tx: Transaction, request: StateRequest): Promise<Map<StationId, StationState>> {
  await tx.query(sql.named('stations_lock')`
    select station_id from stations.presence where station_id = any(${request.stations}::text[])
    order by station_id for update`);
  const rows = await tx.query<StationRow & PresenceRow & BootRow>(sql.named('stations_state')`
    select ${stationColumns}, ${presenceColumns}, ${bootColumns}
    from stations.station s
    join stations.presence p on p.station_id = s.id
    left join stations.boot b on b.station_id = s.id
    where s.id = any(${request.stations}::text[])`);
  const states = new Map<StationId, StationState>();
  for (const row of rows) {
    const station = stationOf(row);
    const rest = { connectors: new Map<string, ConnectorStatus>(), securityEvents: new Set<string>() };
    states.set(station.id, { station, presence: presenceOf(row), boot: bootOf(row), ...rest });
  }
  if (request.connectorsOf.length > 0) await readConnectors(tx, request.connectorsOf, states);
  if (request.securityEvents.length > 0) await readSecurityEvents(tx, request.securityEvents, states);
  return states;
}

interface ConnectorRow {
  station_id: string;
  evse_id: number;
  connector_id: number;
  epoch: number;
  seq: number;
  status: string;
  connector_state: string;
  charging_state: string;
  phase: string | null;
  error_code: string;
  info: string | null;
  vendor_id: string | null;
  vendor_error_code: string | null;
  since: Date;
  occurred_at: Date;
  received_at: Date;
}

async function readConnectors(
  tx: Transaction,
  stations: readonly StationId[],
  states: ReadonlyMap<StationId, StationState>,
): Promise<void> {
  const rows = await tx.query<ConnectorRow>(sql.named('stations_connectors')`
    select station_id, evse_id, connector_id, epoch, seq, status, connector_state, charging_state, phase, error_code,
      info, vendor_id, vendor_error_code, since, occurred_at, received_at
    from stations.connector where station_id = any(${stations}::text[])`);
  for (const row of rows) {
    const status = connectorStatusOf(row);
    const key = connectorKey(status.evseId, status.connectorId);
    states.get(row.station_id as StationId)?.connectors.set(key, status);
  }
}

function connectorStatusOf(row: ConnectorRow): ConnectorStatus {
  return {
    evseId: row.evse_id,
    connectorId: row.connector_id,
    epoch: row.epoch,
    seq: row.seq,
    status: row.status,
    connectorState: row.connector_state as ConnectorState,
    chargingState: row.charging_state as ChargingState,
    phase: row.phase,
    errorCode: row.error_code,
    info: row.info,
    vendorId: row.vendor_id,
    vendorErrorCode: row.vendor_error_code,
    since: row.since,
    occurredAt: row.occurred_at,
    receivedAt: row.received_at,
  };
}

async function readSecurityEvents(
  tx: Transaction,
  events: StateRequest['securityEvents'],
  states: ReadonlyMap<StationId, StationState>,
): Promise<void> {
  const rows = await tx.query<{ station_id: string; digest: string }>(sql`
    select e.station_id, encode(e.digest, 'hex') as digest
    from unnest(${events.map((event) => event.station)}::text[], ${events.map((event) => event.digest)}::text[])
      as asked (station_id, digest)
    join stations.security_event e on e.station_id = asked.station_id and e.digest = decode(asked.digest, 'hex')`);
  for (const row of rows) states.get(row.station_id as StationId)?.securityEvents.add(row.digest);
}
