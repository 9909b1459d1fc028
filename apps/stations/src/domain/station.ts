import type { Registration, SecurityProfile, StationId, TenantId } from '@busbar/domain';
import type { StationSession, StationSettings } from '@busbar/events';

/** A registered station: who it is and what was set about it. */
export interface Station extends StationSettings {
  id: StationId;
  tenant: TenantId;
  identity: string;
  /** What it was told when it last booted; null before its first boot. */
  registrationInForce: Registration | null;
  /** The heartbeat interval that its last accepted boot was answered with. */
  intervalToldSeconds: number | null;
  everAccepted: boolean;
  watchedUntil: Date | null;
  deleted: boolean;
}

/** A new registration holds from the next boot on; until then the one that the station was told. */
export function registrationInForce(station: Station): Registration {
  return station.registrationInForce ?? station.registration;
}

/**
 * The heartbeat interval to expect: the station goes on with the one it was told until it boots again, so a
 * shorter one that was set meanwhile must not make it look silent.
 */
export function expectedIntervalSeconds(station: Station): number {
  return Math.max(station.heartbeatIntervalSeconds, station.intervalToldSeconds ?? 0);
}

/** What a gateway is told of a station that it lets in. */
export function sessionOf(station: Station, now: Date): StationSession {
  const watched = station.watchedUntil !== null && station.watchedUntil > now;
  return {
    tenant: station.tenant,
    station: station.id,
    identity: station.identity,
    registration: registrationInForce(station),
    everAccepted: station.everAccepted,
    securityProfile: station.securityProfile satisfies SecurityProfile,
    heartbeatIntervalSeconds: expectedIntervalSeconds(station),
    strict: station.strict,
    assumeProtocol: station.assumeProtocol,
    watchedUntil: watched && station.watchedUntil ? station.watchedUntil.toISOString() : null,
  };
}
