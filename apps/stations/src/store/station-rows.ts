import type { GatewayId, Registration, SecurityProfile, StationId, TenantId } from '@busbar/domain';
import { type Sql, sql } from '@busbar/persistence';
import type { Presence, PresenceState } from '../domain/presence/presence.js';
import type { Boot } from '../domain/reports/boot.js';
import type { Station } from '../domain/station.js';

/** The columns of a station, for `from stations.station s`. */
export const stationColumns: Sql = sql`
  s.id, s.tenant_id, s.identity, s.security_profile, s.registration, s.registration_in_force,
  s.heartbeat_interval_seconds, s.interval_told_seconds, s.ever_accepted, s.strict, s.assume_protocol, s.site, s.tags,
  s.local_list_managed, s.clear_cache_on_revocation, s.watched_until, s.created_at, s.deleted_at`;

export interface StationRow {
  id: string;
  tenant_id: string;
  identity: string;
  security_profile: number;
  registration: string;
  registration_in_force: string | null;
  heartbeat_interval_seconds: number;
  interval_told_seconds: number | null;
  ever_accepted: boolean;
  strict: boolean;
  assume_protocol: string | null;
  site: string | null;
  tags: string[];
  local_list_managed: boolean;
  clear_cache_on_revocation: boolean;
  watched_until: Date | null;
  created_at: Date;
  deleted_at: Date | null;
}

export function stationOf(row: StationRow): Station {
  return {
    id: row.id as StationId,
    tenant: row.tenant_id as TenantId,
    identity: row.identity,
    securityProfile: row.security_profile as SecurityProfile,
    registration: row.registration as Registration,
    registrationInForce: row.registration_in_force as Registration | null,
    heartbeatIntervalSeconds: row.heartbeat_interval_seconds,
    intervalToldSeconds: row.interval_told_seconds,
    everAccepted: row.ever_accepted,
    strict: row.strict,
    assumeProtocol: row.assume_protocol,
    site: row.site,
    tags: row.tags,
    localList: { managed: row.local_list_managed },
    clearCacheOnRevocation: row.clear_cache_on_revocation,
    watchedUntil: row.watched_until,
    deleted: row.deleted_at !== null,
  };
}

/** The columns of a presence, for `stations.presence p`. */
export const presenceColumns: Sql = sql`
  p.state, p.gateway, p.epoch, p.announced, p.protocol, p.connected_at, p.last_seen_at, p.ended_at, p.end_reason`;

export interface PresenceRow {
  state: string;
  gateway: string | null;
  epoch: number;
  announced: boolean;
  protocol: string | null;
  connected_at: Date | null;
  last_seen_at: Date | null;
  ended_at: Date | null;
  end_reason: string | null;
}

export function presenceOf(row: PresenceRow): Presence {
  return {
    state: row.state as PresenceState,
    gateway: row.gateway as GatewayId | null,
    epoch: row.epoch,
    announced: row.announced,
    protocol: row.protocol,
    connectedAt: row.connected_at,
    lastSeenAt: row.last_seen_at,
    endedAt: row.ended_at,
    endReason: row.end_reason,
  };
}

/** The columns of a boot, for a left-joined `stations.boot b`; all null when there was none. */
export const bootColumns: Sql = sql`
  b.epoch as boot_epoch, b.seq as boot_seq, b.booted_at, b.registration as boot_registration,
  b.interval_seconds as boot_interval_seconds, b.vendor, b.model, b.serial_number, b.firmware_version, b.iccid, b.imsi,
  b.meter_type, b.meter_serial_number, b.charge_box_serial_number`;

export interface BootRow {
  boot_epoch: number | null;
  boot_seq: number | null;
  booted_at: Date | null;
  boot_registration: string | null;
  boot_interval_seconds: number | null;
  vendor: string | null;
  model: string | null;
  serial_number: string | null;
  firmware_version: string | null;
  iccid: string | null;
  imsi: string | null;
  meter_type: string | null;
  meter_serial_number: string | null;
  charge_box_serial_number: string | null;
}

/** Undefined when the station has not booted yet. The raw text stays in the database. */
export function bootOf(row: BootRow): Boot | undefined {
  if (row.boot_epoch === null || row.booted_at === null) return undefined;
  return {
    epoch: row.boot_epoch,
    seq: row.boot_seq ?? 0,
    bootedAt: row.booted_at,
    registration: row.boot_registration as Registration,
    intervalSeconds: row.boot_interval_seconds ?? 0,
    vendor: row.vendor ?? '',
    model: row.model ?? '',
    serialNumber: row.serial_number,
    firmwareVersion: row.firmware_version,
    iccid: row.iccid,
    imsi: row.imsi,
    meterType: row.meter_type,
    meterSerialNumber: row.meter_serial_number,
    chargeBoxSerialNumber: row.charge_box_serial_number,
    raw: null,
  };
}
