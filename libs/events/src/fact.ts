import type { FactId, StationId, TenantId } from '@busbar/domain';

/** What services recorded or decided, and others may rely on. The list is closed and part of the HTTP contract. */
export const factTypes = [
  'station.connected',
  'station.disconnected',
  'station.booted',
  'station.refused',
  'connector.changed',
  'transaction.started',
  'transaction.updated',
  'transaction.ended',
  'token.changed',
  'authorization.decided',
  'command.ended',
  'command.effect',
  'local-list.confirmed',
  'reservation.changed',
  'job.changed',
  'security.event',
  'case.opened',
  'case.resolved',
] as const;

export type FactType = (typeof factTypes)[number];

/**
 * A fact: committed in the same transaction as the change that it tells of, then relayed. Delivered at least
 * once under a stable id, in order per service and station.
 */
export interface Fact {
  id: FactId;
  type: FactType;
  tenant: TenantId;
  /** Absent for facts that belong to no station, such as `token.changed`. */
  station?: StationId;
  /** The station's OCPP identity, for readers outside; never part of a subject. */
  stationIdentity?: string;
  evseId?: number;
  /** RFC 3339 UTC with milliseconds. */
  at: string;
  data: Record<string, unknown>;
}
