import type { Decimal, StationId, TenantId, TransactionId } from '@busbar/domain';
import type { Sample } from '@busbar/events';
import { type Database, readAsTenant, type Sql, sql, type Transaction } from '@busbar/persistence';
import type { Gate } from '../domain/gate.js';
import type { ReconciliationCase } from '../domain/ledger.js';
import type {
  CaseFilter,
  ReadTransaction,
  StoredReading,
  TransactionFilter,
  TransactionReader,
} from '../domain/reader.js';
import type { TransactionRecord } from '../domain/transaction-record.js';
import { type CaseRow, caseColumns, caseOf } from './case-row.js';
import { schema } from './postgres-reading-store.js';
import { latestRegister, readingsOf } from './reading-queries.js';
import { recordOf, type TransactionRow, transactionColumns } from './transaction-row.js';

const runningMax = 500;

/** Reads under the reader's role: Postgres itself shows no row of another tenant. */
export class PostgresReader implements TransactionReader {
  constructor(
    private readonly database: Database,
    /** Keeps people's questions from taking the connections that stations' answers need. */
    private readonly gate: Gate,
  ) {}

  async transactions(
    tenant: TenantId,
    filter: TransactionFilter,
    before: string | null,
    limit: number,
  ): Promise<ReadTransaction[]> {
    const conditions: Sql[] = [sql`t.tenant_id = ${tenant}`];
    if (before !== null) conditions.push(sql`t.id < ${before}`);
    if (filter.stations) conditions.push(sql`t.station_id = any(${[...filter.stations]}::text[])`);
    if (filter.idTokenFolded !== undefined) conditions.push(sql`t.id_token_folded = ${filter.idTokenFolded}`);
    if (filter.state) conditions.push(sql`t.state = ${filter.state}`);
    if (filter.from) conditions.push(sql`t.started_at >= ${filter.from}`);
    if (filter.to) conditions.push(sql`t.started_at < ${filter.to}`);
    if (filter.flag) conditions.push(sql`t.flags @> array[${filter.flag}]::text[] and t.flags <> '{}'`);
    return this.#read(tenant, sql.join(conditions, sql` and `), limit);
  }

  async transaction(tenant: TenantId, id: string): Promise<ReadTransaction | undefined> {
    const [found] = await this.#read(tenant, sql`t.tenant_id = ${tenant} and t.id = ${id}`, 1);
    return found;
  }

  async running(tenant: TenantId, station: StationId): Promise<{ evseId: number; transaction: TransactionId }[]> {
    const rows = await this.#readAs(tenant, (tx) =>
      tx.query<{ id: TransactionId; evse_id: number }>(sql`
        select id, evse_id from transactions.transaction
         where station_id = ${station} and state = 'active' and evse_id > 0 and not flags @> '{superseded}'
         order by id desc limit ${runningMax}`),
    );
    return rows.map((row) => ({ evseId: row.evse_id, transaction: row.id }));
  }

  async readings(
    tenant: TenantId,
    transaction: TransactionRecord,
    after: Date | null,
    limit: number,
  ): Promise<{ readings: StoredReading[]; more: boolean }> {
    for (let wanted = limit; ; wanted *= 2) {
      const found = await this.#readings(tenant, transaction, after, wanted + 1);
      if (found.length <= wanted) return { readings: found, more: false };
      // The last instant may go on beyond what was read, so it is left to the next page.
      const unfinished = found.at(-1)?.sampledAt.getTime();
      const whole = found.filter(({ sampledAt }) => sampledAt.getTime() !== unfinished);
      if (whole.length > 0) return { readings: whole, more: true };
    }
  }

  async #readings(
    tenant: TenantId,
    transaction: TransactionRecord,
    after: Date | null,
    limit: number,
  ): Promise<StoredReading[]> {
    const rows = await this.#readAs(tenant, (tx) =>
      tx.query<{ shown_at: Date; received_at: Date; context: string; samples: Sample[] }>(
        readingsOf(transaction, after, limit),
      ),
    );
    return rows.map((row) => ({
      sampledAt: row.shown_at,
      receivedAt: row.received_at,
      context: row.context,
      samples: row.samples,
    }));
  }

  async cases(
    tenant: TenantId,
    filter: CaseFilter,
    before: string | null,
    limit: number,
  ): Promise<ReconciliationCase[]> {
    const conditions: Sql[] = [sql`c.tenant_id = ${tenant}`];
    if (before !== null) conditions.push(sql`c.id < ${before}`);
    if (filter.stations) conditions.push(sql`c.station_id = any(${[...filter.stations]}::text[])`);
    if (filter.kind) conditions.push(sql`c.kind = ${filter.kind}`);
    if (filter.state === 'open') conditions.push(sql`c.resolved_at is null`);
    if (filter.state === 'resolved') conditions.push(sql`c.resolved_at is not null`);
    return this.#cases(tenant, sql.join(conditions, sql` and `), limit);
  }

  async case(tenant: TenantId, id: string): Promise<ReconciliationCase | undefined> {
    const [found] = await this.#cases(tenant, sql`c.tenant_id = ${tenant} and c.id = ${id}`, 1);
    return found;
  }

  #readAs<T>(tenant: TenantId, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.gate.run(() => readAsTenant(this.database, schema, tenant, work));
  }

  async #read(tenant: TenantId, condition: Sql, limit: number): Promise<ReadTransaction[]> {
    const rows = await this.#readAs(tenant, (tx) =>
      tx.query<TransactionRow & { register_wh: Decimal | null }>(sql`
        select ${transactionColumns}, register.energy_wh as register_wh
          from (select * from transactions.transaction t where ${condition} order by t.id desc limit ${limit}) t
          left join lateral (${latestRegister}) register on t.state = 'active'
         order by t.id desc`),
    );
    return rows.map((row) => ({ record: recordOf(row), registerWh: row.register_wh }));
  }

  async #cases(tenant: TenantId, condition: Sql, limit: number): Promise<ReconciliationCase[]> {
    const rows = await this.#readAs(tenant, (tx) =>
      tx.query<CaseRow>(sql`
        select ${caseColumns} from transactions.reconciliation_case c
         where ${condition} order by c.id desc limit ${limit}`),
    );
    return rows.map(caseOf);
  }
}
