import type { GatewayId, Registration, StationId, TenantId } from '@busbar/domain';
import type {
  AskContext,
  ConnectorView,
  DeviationView,
  Page,
  PageRequest,
  Receipt,
  Report,
  StationReference,
  StationSettings,
  StationView,
  VariableView,
} from '@busbar/events';
import type { StoredKey } from './authentication/station-key.js';
import type { Changes } from './reports/station-state.js';
import type { Station } from './station.js';

export interface StationFilter {
  connected?: boolean;
  site?: string;
  tag?: string;
  registration?: Registration;
  /** A prefix of the identity. */
  q?: string;
}

/** What operators and other services read of stations, always within one tenant. */
export abstract class StationReads {
  /** Throws a `ProblemError` 404 `station-unknown`. */
  abstract get(tenant: TenantId, identity: string): Promise<StationView>;
  abstract list(tenant: TenantId, request: PageRequest & StationFilter): Promise<Page<StationView>>;
  /** The station behind an identity. Throws a `ProblemError` 404 `station-unknown`. */
  abstract station(tenant: TenantId, identity: string): Promise<Station>;
  /** Unknown ones are left out. By id a deleted station is found as well: its transactions still name it. */
  abstract references(
    tenant: TenantId,
    asked: { identities?: readonly string[]; stations?: readonly StationId[] },
  ): Promise<StationReference[]>;
}

export interface NewStation {
  identity: string;
  settings: StationSettings;
  key: Pick<StoredKey, 'kind' | 'salt' | 'digest'> | null;
}

/** What the idempotency key keeps: the station's key never in clear. */
export interface CreatedStation {
  station: StationView;
  sealedKey: string | null;
}

/** What operators change about stations, always within one tenant. */
export abstract class StationWrites {
  /**
   * Registers a station. With an idempotency key in the context the first answer is given again. Throws a
   * `ProblemError` 409 `station-exists`: identities are unique in the whole installation, because a station names
   * no tenant when it connects.
   */
  abstract create(
    context: AskContext,
    wanted: NewStation,
    sealedKey: string | null,
    now: Date,
  ): Promise<CreatedStation>;
  /** Changes what is given; gives the station before and after. Throws a `ProblemError` 404 `station-unknown`. */
  abstract update(
    tenant: TenantId,
    identity: string,
    changes: Partial<StationSettings>,
    now: Date,
  ): Promise<{ before: Station; after: Station; view: StationView }>;
  /** Watches until `until`, or no longer when that is now. Throws a `ProblemError` 404 `station-unknown`. */
  abstract watch(tenant: TenantId, identity: string, until: Date): Promise<Station>;
  /**
   * Marks a station deleted: its keys go, its identity is free for a new registration, and its row stays for the
   * transactions that name it. Gives the gateway that held it, if any. Throws a `ProblemError` 404 `station-unknown`.
   */
  abstract delete(
    tenant: TenantId,
    identity: string,
    now: Date,
  ): Promise<{ station: Station; gateway: GatewayId | null }>;
}

export interface ReportedVariables {
  at: Date;
  variables: readonly { key: string; value?: string; readonly?: boolean }[];
  unknownKeys: readonly string[];
}

/** Connectors, configuration and deviations of one station. */
export abstract class StationDetails {
  /** Without their transactions, which are another service's to know. */
  abstract connectors(tenant: TenantId, station: StationId): Promise<ConnectorView[]>;
  abstract configuration(
    tenant: TenantId,
    station: StationId,
  ): Promise<{ variables: VariableView[]; unknownKeys: string[] }>;
  /**
   * Keeps what a station reported of its configuration; of two reports of a key the later one, whichever comes
   * last. Secrets are kept without their value (rule A-09). Beyond 2,000 keys of a station nothing new is kept.
   */
  abstract keepVariables(tenant: TenantId, station: StationId, reported: ReportedVariables): Promise<void>;
  abstract deviations(tenant: TenantId, station: StationId): Promise<DeviationView[]>;
}

export interface RecordedBatch {
  receipts: Receipt[];
  /** What was committed, for what follows the commit. */
  changes: Changes[];
}

/** Records what stations said. */
export abstract class ReportRecorder {
  /**
   * Records a batch in one commit; the receipts are given only after it. A report that can't be stored for what it
   * holds is put aside and answered, and costs the others nothing. Every other failure is thrown, which means no
   * answer at all and the batch coming again. Any number of replicas may record the same batch at the same time.
   * An empty batch is a probe and commits like any other.
   */
  abstract record(reports: readonly Report[]): Promise<RecordedBatch>;
}
