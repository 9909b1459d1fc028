import type { Decimal, StationId, TenantId, TransactionId } from '@busbar/domain';
import type { CaseKind, Fact } from '@busbar/events';
import { sql, type Transaction } from '@busbar/persistence';
import type {
  CaseEnd,
  Closure,
  InsertedStart,
  OpenedCase,
  QuarantinedReport,
  ReadingSet,
  ReconciliationCase,
  StationLedger,
  SuspectEvent,
} from '../domain/ledger.js';
import { bytesKey } from '../domain/natural-key.js';
import type { OrphanStop, TransactionRecord } from '../domain/transaction-record.js';
import { type CaseRow, caseColumns, caseOf } from './case-row.js';
import { insertOrphan, type OrphanRow, orphanOf } from './orphan-row.js';
import { ReadingColumns } from './reading-columns.js';
import { recordOf, type TransactionRow, transactionColumns } from './transaction-row.js';
import { insertTransaction, saveTransaction } from './transaction-writes.js';

const openMax = 500;
const orphansMax = 100;
const idsTriedMax = 20;

/** One station's part of the record inside one database transaction that holds the station's lock. */
export class PostgresStationLedger implements StationLedger {
  /** In the order in which they were recorded; written with the transaction. */
  readonly facts: Fact[] = [];

  constructor(
    private readonly tx: Transaction,
    private readonly station: StationId,
  ) {}

  async situation(key: Buffer): Promise<{ sameKey: TransactionRecord[]; open: TransactionRecord[] }> {
    const rows = await this.tx.query<TransactionRow>(sql.named('situation')`
      (select ${transactionColumns} from transactions.transaction t
        where t.station_id = ${this.station} and t.start_key = ${key})
      union all
      (select ${transactionColumns} from transactions.transaction t
        where t.station_id = ${this.station} and t.state = 'active' and t.start_key <> ${key}
        order by t.id desc limit ${openMax})`);
    const records = rows.map(recordOf).sort((left, right) => (left.id < right.id ? 1 : -1));
    return {
      sameKey: records.filter((record) => record.startKey.equals(key)),
      open: records.filter((record) => record.stop === null),
    };
  }

  async openTransactions(): Promise<TransactionRecord[]> {
    const rows = await this.tx.query<TransactionRow>(sql.named('open_transactions')`
      select ${transactionColumns} from transactions.transaction t
       where t.station_id = ${this.station} and t.state = 'active' order by t.id desc limit ${openMax}`);
    return rows.map(recordOf);
  }

  async byOcppId(ocppTransactionId: number): Promise<TransactionRecord | undefined> {
    const [row] = await this.tx.query<TransactionRow>(sql.named('transaction_by_ocpp_id')`
      select ${transactionColumns} from transactions.transaction t
       where t.station_id = ${this.station} and t.ocpp_transaction_id = ${ocppTransactionId}`);
    return row && recordOf(row);
  }

  async byId(id: TransactionId): Promise<TransactionRecord | undefined> {
    const [row] = await this.tx.query<TransactionRow>(sql.named('transaction_by_id')`
      select ${transactionColumns} from transactions.transaction t
       where t.id = ${id} and t.station_id = ${this.station}`);
    return row && recordOf(row);
  }

  async beganBetween(transaction: TransactionRecord, to: Date): Promise<TransactionId | undefined> {
    const [row] = await this.tx.query<{ id: TransactionId }>(sql`
      select id from transactions.transaction
       where station_id = ${this.station} and evse_id = ${transaction.evseId}
         and connector_id = ${transaction.connectorId} and id <> ${transaction.id}
         and started_at > ${transaction.startedAt} and started_at < ${to}
       order by started_at limit 1`);
    return row?.id;
  }

  async occupied(
    tenant: TenantId,
    concurrencyKey: string,
    elsewhereThan: { evseId: number; connectorId: number },
  ): Promise<number> {
    const [row] = await this.tx.query<{ count: number }>(sql.named('occupied')`
      select count(*) as count from transactions.transaction
       where tenant_id = ${tenant} and concurrency_key = ${concurrencyKey} and occupies_token
         and not (station_id = ${this.station} and evse_id = ${elsewhereThan.evseId}
           and connector_id = ${elsewhereThan.connectorId} and evse_id > 0)`);
    return row?.count ?? 0;
  }

  async insert(start: Omit<TransactionRecord, 'ocppTransactionId'>): Promise<InsertedStart | undefined> {
    for (let attempt = 1; attempt <= idsTriedMax; attempt += 1) {
      const [inserted] = await this.tx.query<{ ocpp_transaction_id: number; orphans_wait: boolean }>(
        insertTransaction(start),
      );
      if (inserted) {
        const transaction = { ...start, ocppTransactionId: inserted.ocpp_transaction_id };
        return { transaction, orphansWait: inserted.orphans_wait };
      }
      // Nothing was inserted: a rival has the natural key, or the sequence came round to an id that is taken.
      const [rival] = await this.tx.query<{ id: string }>(sql`
        select id from transactions.transaction where station_id = ${this.station}
           and start_key = ${start.startKey} and discriminator = ${start.discriminator}`);
      if (rival) return undefined;
    }
    throw new RangeError(`${idsTriedMax} transaction ids in a row were taken`);
  }

  async save(transaction: TransactionRecord): Promise<void> {
    await this.tx.execute(saveTransaction(transaction));
  }

  async lastRegister(transaction: TransactionRecord): Promise<{ energyWh: Decimal; sampledAt: Date } | undefined> {
    const [row] = await this.tx.query<{ energy_wh: Decimal; sampled_at: Date }>(sql`
      select energy_wh, sampled_at from transactions.reading
       where station_id = ${this.station} and ocpp_transaction_id = ${String(transaction.ocppTransactionId)}
         and sampled_at >= ${transaction.startedAt} and sampled_at <= ${transaction.stop?.stoppedAt ?? 'infinity'}
         and energy_wh is not null
       order by sampled_at desc limit 1`);
    return row && { energyWh: row.energy_wh, sampledAt: row.sampled_at };
  }

  async orphanByKey(key: Buffer): Promise<OrphanStop | undefined> {
    const [row] = await this.tx.query<OrphanRow>(sql`
      select * from transactions.orphan_stop where station_id = ${this.station} and stop_key = ${key}`);
    return row && orphanOf(row);
  }

  async orphanById(id: string): Promise<OrphanStop | undefined> {
    const [row] = await this.tx.query<OrphanRow>(sql`
      select * from transactions.orphan_stop where id = ${id} and station_id = ${this.station}`);
    return row && orphanOf(row);
  }

  async unmatchedOrphans(idTokenFolded: string): Promise<OrphanStop[]> {
    const rows = await this.tx.query<OrphanRow>(sql.named('unmatched_orphans')`
      select * from transactions.orphan_stop
       where station_id = ${this.station} and id_token_folded = ${idTokenFolded} and transaction_id is null
       order by id desc limit ${orphansMax}`);
    return rows.map(orphanOf);
  }

  async insertOrphan(orphan: OrphanStop): Promise<void> {
    await this.tx.execute(insertOrphan(orphan));
  }

  async saveMatch(orphan: OrphanStop): Promise<void> {
    await this.tx.execute(sql`
      update transactions.orphan_stop
         set transaction_id = ${orphan.match?.transaction ?? null}, matched_by = ${orphan.match?.by ?? null}
       where id = ${orphan.id}`);
  }

  async storeReadings(tenant: TenantId, set: ReadingSet): Promise<void> {
    if (set.readings.length === 0) return;
    const { evseId, connectorId, ocppTransactionId, receivedAt, raw } = set;
    const columns = new ReadingColumns();
    for (const reading of set.readings) {
      columns.add(tenant, this.station, evseId, connectorId, ocppTransactionId, receivedAt, raw, reading);
    }
    await this.tx.execute(columns.insert());
  }

  async addSuspect(event: SuspectEvent): Promise<boolean> {
    const { tenant, station, id } = event.transaction;
    const added = await this.tx.execute(sql`
      insert into transactions.suspect_event
        (id, tenant_id, station_id, transaction_id, kind, event_key, said, raw, received_at)
      values (${event.id}, ${tenant}, ${station}, ${id}, 'conflicting-stop', ${event.key},
        ${JSON.stringify(event.said)}::jsonb, ${event.raw}, ${event.receivedAt})
      on conflict do nothing`);
    return added > 0;
  }

  async openCase(opened: OpenedCase): Promise<boolean> {
    const added = await this.tx.execute(sql`
      insert into transactions.reconciliation_case
        (id, tenant_id, station_id, kind, subject_id, transaction_id, evidence, opened_at)
      values (${opened.id}, ${opened.tenant}, ${opened.station}, ${opened.kind}, ${opened.subject},
        ${opened.transaction}, ${JSON.stringify(opened.evidence)}::jsonb, ${opened.openedAt})
      on conflict do nothing`);
    return added > 0;
  }

  async endCases(
    subject: string,
    kinds: readonly CaseKind[],
    end: CaseEnd,
    transaction: TransactionId | null,
  ): Promise<ReconciliationCase[]> {
    const rows = await this.tx.query<CaseRow>(sql`
      update transactions.reconciliation_case c
         set resolved_at = ${end.at}, resolved_by = ${end.by}, resolution = ${end.resolution},
             transaction_id = coalesce(c.transaction_id, ${transaction})
       where c.subject_id = ${subject} and c.kind = any(${[...kinds]}::text[]) and c.resolved_at is null
      returning ${caseColumns}`);
    return rows.map(caseOf);
  }

  async caseById(id: string): Promise<ReconciliationCase | undefined> {
    const [row] = await this.tx.query<CaseRow>(sql`
      select ${caseColumns} from transactions.reconciliation_case c
       where c.id = ${id} and c.station_id = ${this.station}`);
    return row && caseOf(row);
  }

  async addClosure(closure: Closure): Promise<void> {
    await this.tx.execute(sql`
      insert into transactions.closure
        (id, tenant_id, transaction_id, closed_by, reason, meter_stop_wh, closed_at, caller, request_id)
      values (${closure.id}, ${closure.tenant}, ${closure.transaction}, ${closure.closedBy}, ${closure.reason},
        ${closure.meterStopWh}, ${closure.closedAt}, ${closure.caller}, ${closure.requestId})`);
  }

  async replaceClosure(transaction: TransactionId, at: Date): Promise<void> {
    await this.tx.execute(sql`
      update transactions.closure set replaced_at = ${at}
       where transaction_id = ${transaction} and replaced_at is null`);
  }

  async quarantine(report: QuarantinedReport): Promise<boolean> {
    const added = await this.tx.execute(sql`
      insert into transactions.quarantine
        (id, tenant_id, station_id, report_key, report_type, report, error_code, sql_state, received_at, transaction_id)
      values (${report.id}, ${report.tenant}, ${report.station}, ${bytesKey(report.bytes)}, ${report.type},
        ${report.bytes}, ${report.errorCode}, ${report.sqlState}, ${report.receivedAt}, ${report.transaction})
      on conflict do nothing`);
    return added > 0;
  }

  record(fact: Fact): void {
    this.facts.push(fact);
  }
}
