import type { Decimal, StationId, TenantId, TransactionId } from '@busbar/domain';
import type { CaseKind, Sample, TransactionFlag } from '@busbar/events';
import type { ReconciliationCase } from './ledger.js';
import type { TransactionRecord } from './transaction-record.js';

export interface TransactionFilter {
  /** Any of these; undefined means all stations. */
  stations?: readonly StationId[];
  idTokenFolded?: string;
  state?: 'active' | 'ended';
  from?: Date;
  to?: Date;
  flag?: TransactionFlag;
}

export interface CaseFilter {
  stations?: readonly StationId[];
  kind?: CaseKind;
  state?: 'open' | 'resolved';
}

/** A transaction and, while it is active, its latest register reading. */
export interface ReadTransaction {
  record: TransactionRecord;
  registerWh: Decimal | null;
}

export interface StoredReading {
  /** The station's time, or the time of receipt where nobody can read the station's. */
  sampledAt: Date;
  receivedAt: Date;
  context: string;
  samples: Sample[];
}

/** Reads the record as one tenant: no method ever shows another tenant's rows. Newest first where it is a list. */
export interface TransactionReader {
  /** `limit` transactions at most, with ids before `before`. */
  transactions(
    tenant: TenantId,
    filter: TransactionFilter,
    before: string | null,
    limit: number,
  ): Promise<ReadTransaction[]>;
  transaction(tenant: TenantId, id: string): Promise<ReadTransaction | undefined>;
  /** Open and not superseded, newest first. */
  running(tenant: TenantId, station: StationId): Promise<{ evseId: number; transaction: TransactionId }[]>;
  /** The readings of a transaction in time order, those after `after`, whole instants of about `limit` rows. */
  readings(
    tenant: TenantId,
    transaction: TransactionRecord,
    after: Date | null,
    limit: number,
  ): Promise<{ readings: StoredReading[]; more: boolean }>;
  cases(tenant: TenantId, filter: CaseFilter, before: string | null, limit: number): Promise<ReconciliationCase[]>;
  case(tenant: TenantId, id: string): Promise<ReconciliationCase | undefined>;
}
