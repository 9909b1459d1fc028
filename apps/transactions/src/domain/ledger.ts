import type { Decimal, StationId, TenantId, TransactionId } from '@busbar/domain';
import type { AskContext, CaseKind, Fact, Reading } from '@busbar/events';
import type { OrphanStop, TransactionRecord } from './transaction-record.js';

/** A contradiction that is kept beside a transaction and changes nothing in it. */
export interface SuspectEvent {
  id: string;
  transaction: TransactionRecord;
  key: Buffer;
  said: Record<string, unknown>;
  raw: string | null;
  receivedAt: Date;
}

/** Something that a person should look at. `subject` is the transaction, orphan stop or quarantined report. */
export interface OpenedCase {
  id: string;
  kind: CaseKind;
  tenant: TenantId;
  station: StationId;
  subject: string;
  transaction: TransactionId | null;
  evidence: Record<string, unknown>;
  openedAt: Date;
}

/** How a case ended: `by` is a person, or `busbar` where a rule did it. */
export interface CaseEnd {
  at: Date;
  by: string;
  resolution: string;
}

export interface ReconciliationCase extends OpenedCase {
  end: CaseEnd | null;
}

/** Readings of one connector, as they are to be kept. */
export interface ReadingSet {
  evseId: number;
  connectorId: number;
  ocppTransactionId: string | null;
  receivedAt: string;
  readings: readonly Reading[];
  /** The whole message; null where `readings` hold every text of it. */
  raw: string | null;
}

/** A report that is kept byte for byte because Postgres refuses what it holds. */
export interface QuarantinedReport {
  id: string;
  tenant: TenantId;
  station: StationId;
  type: string;
  bytes: Buffer;
  errorCode: string;
  sqlState: string | null;
  receivedAt: Date;
  transaction: TransactionId | null;
}

/** What is known of a start before its station is locked; enough to see that a repeat needs no new judgement. */
export interface KnownStart {
  station: StationId;
  startKey: Buffer;
  startMessageIds: readonly string[];
  active: boolean;
}

/** Audit of a transaction closed by hand (rule X-14). */
export interface Closure {
  id: string;
  tenant: TenantId;
  transaction: TransactionId;
  closedBy: string;
  reason: string;
  meterStopWh: Decimal | null;
  closedAt: Date;
  caller: string;
  requestId: string;
}

/** A start that was new, and whether stops with its token wait among the orphans of its station. */
export interface InsertedStart {
  transaction: TransactionRecord;
  orphansWait: boolean;
}

/** Whose open transactions count together. */
export interface TokenGroup {
  tenant: TenantId;
  concurrencyKey: string;
}

/**
 * One station's part of the billing record, inside one database transaction that holds the station's lock: nobody
 * else changes it meanwhile. Errors are the store's; every one of them undoes the whole transaction.
 */
export interface StationLedger {
  /** What decides about a start: those with its key, and the newest 500 without a stop. Both newest first. */
  situation(key: Buffer): Promise<{ sameKey: TransactionRecord[]; open: TransactionRecord[] }>;
  /** The newest 500 without a stop, newest first. */
  openTransactions(): Promise<TransactionRecord[]>;
  byOcppId(ocppTransactionId: number): Promise<TransactionRecord | undefined>;
  byId(id: TransactionId): Promise<TransactionRecord | undefined>;
  /** Whether another transaction began on the connector after `from` and before `to`. */
  beganBetween(transaction: TransactionRecord, to: Date): Promise<TransactionId | undefined>;
  /**
   * How many open transactions count against the group, other than on this connector of this station: what is open
   * there ends with the start that asks. Exact while the group's lock is held.
   */
  occupied(
    tenant: TenantId,
    concurrencyKey: string,
    elsewhereThan: { evseId: number; connectorId: number },
  ): Promise<number>;
  /**
   * Inserts if the natural key is absent and gives the transaction its wire id. Undefined when the key is there
   * already: look it up again.
   */
  insert(start: Omit<TransactionRecord, 'ocppTransactionId'>): Promise<InsertedStart | undefined>;
  /** Writes what may change of a transaction. */
  save(transaction: TransactionRecord): Promise<void>;
  /** The latest register reading that names the transaction. */
  lastRegister(transaction: TransactionRecord): Promise<{ energyWh: Decimal; sampledAt: Date } | undefined>;

  orphanByKey(key: Buffer): Promise<OrphanStop | undefined>;
  orphanById(id: string): Promise<OrphanStop | undefined>;
  /** Unmatched ones with this token, newest first, 100 at most. */
  unmatchedOrphans(idTokenFolded: string): Promise<OrphanStop[]>;
  insertOrphan(orphan: OrphanStop): Promise<void>;
  saveMatch(orphan: OrphanStop): Promise<void>;

  /** Keeps readings; those that are there already are left as they are. */
  storeReadings(tenant: TenantId, set: ReadingSet): Promise<void>;
  /** False when the very same event is kept already. */
  addSuspect(event: SuspectEvent): Promise<boolean>;
  /** Opens a case unless one of the kind is open for the subject; false then. */
  openCase(opened: OpenedCase): Promise<boolean>;
  /**
   * Ends the open cases of these kinds about the subject; gives those that it ended. `transaction` is what the case
   * turned out to be about, where it was not known before.
   */
  endCases(
    subject: string,
    kinds: readonly CaseKind[],
    end: CaseEnd,
    transaction: TransactionId | null,
  ): Promise<ReconciliationCase[]>;
  caseById(id: string): Promise<ReconciliationCase | undefined>;
  addClosure(closure: Closure): Promise<void>;
  /** Marks the hand-made close of a transaction as replaced by a real stop. */
  replaceClosure(transaction: TransactionId, at: Date): Promise<void>;
  /** Keeps a report's bytes; false when the same are kept already. */
  quarantine(report: QuarantinedReport): Promise<boolean>;
  /** Told to the rest of the system once the transaction is committed, in the order of the calls. */
  record(fact: Fact): void;
}

/** The billing record. Implementations commit before they return, and answer `commit-unknown` when they cannot say. */
export interface Ledger {
  /**
   * Runs `work` in one transaction under the lock of the station, and then that of the token group when one is given,
   * and commits. Every caller locks in this order and one of each, so no two wait for each other.
   */
  forStation<T>(station: StationId, work: (ledger: StationLedger) => Promise<T>, group?: TokenGroup): Promise<T>;
  /** The same for what somebody asked for: a repeat under the same idempotency key gets the first answer. */
  forRequest<T>(
    station: StationId,
    request: { context: AskContext; operation: string },
    work: (ledger: StationLedger) => Promise<T>,
  ): Promise<T>;
  /** Which of these starts are recorded, without a lock. */
  knownStarts(starts: readonly { station: StationId; startKey: Buffer }[]): Promise<KnownStart[]>;
  /** A real commit that changes nothing that matters: proves that the way to the disk is open. */
  probe(): Promise<void>;
}
