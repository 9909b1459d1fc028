import { type Sql, sql, type Transaction } from '@busbar/persistence';
import type { Changes, StationState } from '../domain/reports/station-state.js';

/**
 * Writes what a batch changed: one statement a table, whatever the size of the batch. The caller holds the lock
 * of every station in it, so nothing here can meet a newer state; rows of histories carry the report's id and
 * are written once.
 */
export async function writeChanges(tx: Transaction, changes: Changes): Promise<void> {
  for (const statement of statements(changes)) await tx.query(statement);
}

function* statements(changes: Changes): Generator<Sql> {
  if (changes.presences.size > 0) yield presences([...changes.presences]);
  if (changes.registrations.size > 0) yield registrations([...changes.registrations]);
  if (changes.boots.size > 0) yield boots([...changes.boots]);
  if (changes.bootChanges.length > 0) yield bootChanges(changes);
  if (changes.connectors.size > 0) yield connectors(changes);
  if (changes.connectorHistory.length > 0) yield connectorHistory(changes);
  if (changes.jobs.length > 0) yield jobs(changes);
  if (changes.securityEvents.length > 0) yield securityEvents(changes);
  if (changes.vendorData.length > 0) yield vendorData(changes);
}

function presences(states: readonly StationState[]): Sql {
  const rows = states.map((state) => state.presence);
  return sql.named('stations_presence')`
    update stations.presence p
    set state = n.state, gateway = n.gateway, epoch = n.epoch, announced = n.announced, protocol = n.protocol,
      connected_at = n.connected_at, last_seen_at = n.last_seen_at, ended_at = n.ended_at, end_reason = n.end_reason
    from unnest(
      ${states.map((state) => state.station.id)}::text[], ${rows.map((row) => row.state)}::text[],
      ${rows.map((row) => row.gateway)}::text[], ${rows.map((row) => row.epoch)}::bigint[],
      ${rows.map((row) => row.announced)}::boolean[], ${rows.map((row) => row.protocol)}::text[],
      ${rows.map((row) => row.connectedAt)}::timestamptz[], ${rows.map((row) => row.lastSeenAt)}::timestamptz[],
      ${rows.map((row) => row.endedAt)}::timestamptz[], ${rows.map((row) => row.endReason)}::text[]
    ) as n (station_id, state, gateway, epoch, announced, protocol, connected_at, last_seen_at, ended_at, end_reason)
    where p.station_id = n.station_id`;
}

function registrations(states: readonly StationState[]): Sql {
  const rows = states.map((state) => state.station);
  return sql.named('stations_registration')`
    update stations.station s
    set registration_in_force = n.registration, ever_accepted = n.ever_accepted, interval_told_seconds = n.interval
    from unnest(
      ${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.registrationInForce)}::text[],
      ${rows.map((row) => row.everAccepted)}::boolean[], ${rows.map((row) => row.intervalToldSeconds)}::integer[]
    ) as n (id, registration, ever_accepted, interval)
    where s.id = n.id`;
}

function boots(states: readonly StationState[]): Sql {
  const rows = states.flatMap((state) => (state.boot ? [{ ...state.station, ...state.boot }] : []));
  return sql.named('stations_boot')`
    insert into stations.boot (
      station_id, tenant_id, epoch, seq, booted_at, registration, interval_seconds, vendor, model, serial_number,
      firmware_version, iccid, imsi, meter_type, meter_serial_number, charge_box_serial_number, raw)
    select * from unnest(
      ${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.tenant)}::text[],
      ${rows.map((row) => row.epoch)}::bigint[], ${rows.map((row) => row.seq)}::bigint[],
      ${rows.map((row) => row.bootedAt)}::timestamptz[], ${rows.map((row) => row.registration)}::text[],
      ${rows.map((row) => row.intervalSeconds)}::integer[], ${rows.map((row) => row.vendor)}::text[],
      ${rows.map((row) => row.model)}::text[], ${rows.map((row) => row.serialNumber)}::text[],
      ${rows.map((row) => row.firmwareVersion)}::text[], ${rows.map((row) => row.iccid)}::text[],
      ${rows.map((row) => row.imsi)}::text[], ${rows.map((row) => row.meterType)}::text[],
      ${rows.map((row) => row.meterSerialNumber)}::text[], ${rows.map((row) => row.chargeBoxSerialNumber)}::text[],
      ${rows.map((row) => row.raw)}::text[])
    on conflict (station_id) do update set
      epoch = excluded.epoch, seq = excluded.seq, booted_at = excluded.booted_at, registration = excluded.registration,
      interval_seconds = excluded.interval_seconds, vendor = excluded.vendor, model = excluded.model,
      serial_number = excluded.serial_number, firmware_version = excluded.firmware_version, iccid = excluded.iccid,
      imsi = excluded.imsi, meter_type = excluded.meter_type, meter_serial_number = excluded.meter_serial_number,
      charge_box_serial_number = excluded.charge_box_serial_number, raw = excluded.raw`;
}

function bootChanges({ bootChanges: rows }: Changes): Sql {
  return sql`
    insert into stations.boot_change (id, tenant_id, station_id, at, changes)
    select id, tenant_id, station_id, at, changes::jsonb from unnest(
      ${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.tenant)}::text[],
      ${rows.map((row) => row.station)}::text[], ${rows.map((row) => row.at)}::timestamptz[],
      ${rows.map((row) => JSON.stringify(row.changes))}::text[]) as n (id, tenant_id, station_id, at, changes)
    on conflict do nothing`;
}

function connectors(changes: Changes): Sql {
  const rows = [...changes.connectors.values()].map(({ state, status }) => ({ ...state.station, ...status }));
  return sql.named('stations_connector')`
    insert into stations.connector (
      station_id, tenant_id, evse_id, connector_id, epoch, seq, status, connector_state, charging_state, phase,
      error_code, info, vendor_id, vendor_error_code, since, occurred_at, received_at)
    select * from unnest(
      ${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.tenant)}::text[],
      ${rows.map((row) => row.evseId)}::integer[], ${rows.map((row) => row.connectorId)}::integer[],
      ${rows.map((row) => row.epoch)}::bigint[], ${rows.map((row) => row.seq)}::bigint[],
      ${rows.map((row) => row.status)}::text[], ${rows.map((row) => row.connectorState)}::text[],
      ${rows.map((row) => row.chargingState)}::text[], ${rows.map((row) => row.phase)}::text[],
      ${rows.map((row) => row.errorCode)}::text[], ${rows.map((row) => row.info)}::text[],
      ${rows.map((row) => row.vendorId)}::text[], ${rows.map((row) => row.vendorErrorCode)}::text[],
      ${rows.map((row) => row.since)}::timestamptz[], ${rows.map((row) => row.occurredAt)}::timestamptz[],
      ${rows.map((row) => row.receivedAt)}::timestamptz[])
    on conflict (station_id, evse_id, connector_id) do update set
      epoch = excluded.epoch, seq = excluded.seq, status = excluded.status, connector_state = excluded.connector_state,
      charging_state = excluded.charging_state, phase = excluded.phase, error_code = excluded.error_code,
      info = excluded.info, vendor_id = excluded.vendor_id, vendor_error_code = excluded.vendor_error_code,
      since = excluded.since, occurred_at = excluded.occurred_at, received_at = excluded.received_at`;
}

function connectorHistory({ connectorHistory: rows }: Changes): Sql {
  const told = rows.map((row) => row.status);
  return sql.named('stations_connector_history')`
    insert into stations.connector_history (
      id, tenant_id, station_id, evse_id, connector_id, status, error_code, info, vendor_id, vendor_error_code,
      occurred_at, received_at, late)
    select * from unnest(
      ${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.tenant)}::text[],
      ${rows.map((row) => row.station)}::text[], ${told.map((row) => row.evseId)}::integer[],
      ${told.map((row) => row.connectorId)}::integer[], ${told.map((row) => row.status)}::text[],
      ${told.map((row) => row.errorCode)}::text[], ${told.map((row) => row.info)}::text[],
      ${told.map((row) => row.vendorId)}::text[], ${told.map((row) => row.vendorErrorCode)}::text[],
      ${told.map((row) => row.occurredAt)}::timestamptz[], ${told.map((row) => row.receivedAt)}::timestamptz[],
      ${rows.map((row) => row.late)}::boolean[])
    on conflict do nothing`;
}

function jobs({ jobs: rows }: Changes): Sql {
  return sql`
    insert into stations.job_report (
      id, tenant_id, station_id, kind, status, request_id, occurred_at, received_at, detail)
    select * from unnest(
      ${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.tenant)}::text[],
      ${rows.map((row) => row.station)}::text[], ${rows.map((row) => row.kind)}::text[],
      ${rows.map((row) => row.status)}::text[], ${rows.map((row) => row.requestId)}::bigint[],
      ${rows.map((row) => row.occurredAt)}::timestamptz[], ${rows.map((row) => row.receivedAt)}::timestamptz[],
      ${rows.map((row) => row.detail)}::text[])
    on conflict do nothing`;
}

function securityEvents({ securityEvents: rows }: Changes): Sql {
  return sql`
    insert into stations.security_event (
      id, tenant_id, station_id, type, critical, tech_info, occurred_at, received_at, digest)
    select id, tenant_id, station_id, type, critical, tech_info, occurred_at, received_at, decode(digest, 'hex')
    from unnest(
      ${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.tenant)}::text[],
      ${rows.map((row) => row.station)}::text[], ${rows.map((row) => row.type)}::text[],
      ${rows.map((row) => row.critical)}::boolean[], ${rows.map((row) => row.techInfo)}::text[],
      ${rows.map((row) => row.occurredAt)}::timestamptz[], ${rows.map((row) => row.receivedAt)}::timestamptz[],
      ${rows.map((row) => row.digest)}::text[]
    ) as n (id, tenant_id, station_id, type, critical, tech_info, occurred_at, received_at, digest)
    on conflict do nothing`;
}

function vendorData({ vendorData: rows }: Changes): Sql {
  return sql`
    insert into stations.vendor_data (id, tenant_id, station_id, vendor_id, message_id, data, answer, received_at)
    select * from unnest(
      ${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.tenant)}::text[],
      ${rows.map((row) => row.station)}::text[], ${rows.map((row) => row.vendorId)}::text[],
      ${rows.map((row) => row.messageId)}::text[], ${rows.map((row) => row.data)}::text[],
      ${rows.map((row) => row.answer)}::text[], ${rows.map((row) => row.receivedAt)}::timestamptz[])
    on conflict do nothing`;
}
