import type { GatewayId } from '@busbar/domain';
import type { StationView } from '@busbar/events';
import { type Sql, sql, type Transaction } from '@busbar/persistence';
import {
  type BootRow,
  bootColumns,
  type PresenceRow,
  presenceColumns,
  type StationRow,
  stationColumns,
} from './station-rows.js';

export type ViewRow = StationRow & PresenceRow & BootRow;

/** Reads what a view shows, but for the connectors; to be followed by `where`. */
export const selectViews: Sql = sql`
  select ${stationColumns}, ${presenceColumns}, ${bootColumns}
  from stations.station s
  join stations.presence p on p.station_id = s.id
  left join stations.boot b on b.station_id = s.id`;

/** Turns rows into views, the connectors of all of them read in one query. */
export async function viewsOf(tx: Transaction, rows: readonly ViewRow[]): Promise<Map<string, StationView>> {
  const connectors = await tx.query<{ station_id: string; evse_id: number; connector_id: number }>(sql`
    select station_id, evse_id, connector_id from stations.connector
    where station_id = any(${rows.map((row) => row.id)}::text[]) and evse_id > 0
    order by station_id, evse_id, connector_id`);
  const evses = new Map<string, StationView['evses']>();
  for (const { station_id, evse_id, connector_id } of connectors) {
    const known = evses.get(station_id) ?? [];
    evses.set(station_id, known);
    const last = known.at(-1);
    if (last?.evseId === evse_id) last.connectors.push({ connectorId: connector_id });
    else known.push({ evseId: evse_id, connectors: [{ connectorId: connector_id }] });
  }
  return new Map(rows.map((row) => [row.id, viewOf(row, evses.get(row.id) ?? [])]));
}

function viewOf(row: ViewRow, evses: StationView['evses']): StationView {
  const connected = row.state === 'connected';
  return {
    identity: row.identity,
    securityProfile: row.security_profile as StationView['securityProfile'],
    registration: row.registration as StationView['registration'],
    heartbeatIntervalSeconds: row.heartbeat_interval_seconds,
    strict: row.strict,
    assumeProtocol: row.assume_protocol,
    site: row.site,
    tags: row.tags,
    localList: { managed: row.local_list_managed },
    clearCacheOnRevocation: row.clear_cache_on_revocation,
    connected,
    protocol: row.protocol,
    gateway: connected ? (row.gateway as GatewayId | null) : null,
    connectedAt: connected ? instant(row.connected_at) : null,
    lastSeenAt: instant(row.last_seen_at),
    bootedAt: instant(row.booted_at),
    vendor: row.vendor,
    model: row.model,
    serialNumber: row.serial_number,
    firmwareVersion: row.firmware_version,
    evses,
    createdAt: row.created_at.toISOString(),
  };
}

function instant(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}
