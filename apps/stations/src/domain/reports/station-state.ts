import type { StationId, TenantId } from '@busbar/domain';
import type { Fact } from '@busbar/events';
import type { Presence } from '../presence/presence.js';
import type { Station } from '../station.js';
import type { Boot, BootChanges } from './boot.js';
import type { ConnectorStatus } from './connector-status.js';

/** What is known of a station while a batch is recorded. Read under its lock, moved on report by report. */
export interface StationState {
  station: Station;
  presence: Presence;
  boot: Boot | undefined;
  /** By `connectorKey`. */
  connectors: Map<string, ConnectorStatus>;
  /** Digests of those security events of this batch that are stored already. */
  securityEvents: Set<string>;
}

export function connectorKey(evseId: number, connectorId: number): string {
  return `${evseId}/${connectorId}`;
}

export interface ConnectorHistoryRow {
  id: string;
  tenant: TenantId;
  station: StationId;
  status: ConnectorStatus;
  late: boolean;
}

export type JobKind = 'firmware' | 'signed-firmware' | 'diagnostics' | 'log' | 'certificate';

export interface JobReportRow {
  id: string;
  tenant: TenantId;
  station: StationId;
  kind: JobKind;
  status: string;
  requestId: number | null;
  occurredAt: Date;
  receivedAt: Date;
  detail: string | null;
}

export interface SecurityEventRow {
  id: string;
  tenant: TenantId;
  station: StationId;
  type: string;
  critical: boolean;
  techInfo: string | null;
  occurredAt: Date;
  receivedAt: Date;
  /** Hex. */
  digest: string;
}

export interface VendorDataRow {
  id: string;
  tenant: TenantId;
  station: StationId;
  vendorId: string;
  messageId: string | null;
  data: string | null;
  answer: string;
  receivedAt: Date;
}

export interface BootChangeRow {
  id: string;
  tenant: TenantId;
  station: StationId;
  at: Date;
  changes: BootChanges;
}

/** What was tolerated in one report. */
export interface DeviationSeen {
  tenant: TenantId;
  station: StationId;
  rule: string;
  example: string;
  at: Date;
}

/** Everything that a batch of reports changes, to be written in one transaction. */
export class Changes {
  /** Stations whose presence, boot, or registration row is to be written, with the state after the batch. */
  readonly presences = new Set<StationState>();
  readonly boots = new Set<StationState>();
  readonly registrations = new Set<StationState>();
  /** By station and connector, so that each row is written once. */
  readonly connectors = new Map<string, { state: StationState; status: ConnectorStatus }>();
  readonly connectorHistory: ConnectorHistoryRow[] = [];
  readonly bootChanges: BootChangeRow[] = [];
  readonly jobs: JobReportRow[] = [];
  readonly securityEvents: SecurityEventRow[] = [];
  readonly vendorData: VendorDataRow[] = [];
  readonly facts: Fact[] = [];
  /** Not part of the transaction: counted, at least once. */
  readonly deviations: DeviationSeen[] = [];
  /** Stations that are deleted or never were, and yet hold a connection. */
  readonly strays = new Map<StationId, TenantId>();
}
