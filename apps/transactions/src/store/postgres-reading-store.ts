import { type Database, type Transaction, writerRole } from '@busbar/persistence';
import type { ReadingReport, ReadingStore } from '../domain/reading-lane.js';
import type { ReachFaultPoint } from './fault-points.js';
import { ReadingColumns } from './reading-columns.js';

export const schema = 'transactions';

/** How long Postgres may work on one statement of a commit: less than a station waits before it is hung up on. */
export const statementTimeoutMs = 5_000;

const writing = { role: writerRole(schema), statementTimeoutMs };

/** Readings in bulk: one statement, one commit. */
export class PostgresReadingStore implements ReadingStore {
  constructor(
    private readonly database: Database,
    private readonly reach: ReachFaultPoint,
  ) {}

  async commit(reports: readonly ReadingReport[]): Promise<void> {
    const columns = new ReadingColumns();
    for (const report of reports) addReport(columns, report);
    if (columns.rows === 0) return; // V-06
    await this.database.transaction(async (tx: Transaction) => {
      await tx.execute(columns.insert());
      this.reach('after-insert');
    }, writing);
    this.reach('after-commit');
  }
}

function addReport(columns: ReadingColumns, report: ReadingReport): void {
  const evseId = report.evseId ?? 0;
  const connectorId = report.connectorId ?? (evseId > 0 ? 1 : 0);
  // The samples hold every text of a clean message, so the whole of it is kept only where something was tolerated.
  const raw = report.deviations ? (report.raw ?? null) : null;
  let first = true;
  for (const reading of report.data.readings) {
    const { ocppTransactionId = null } = report.data;
    const rawOnce = first ? raw : null;
    columns.add(
      report.tenant,
      report.station,
      evseId,
      connectorId,
      ocppTransactionId,
      report.receivedAt,
      rawOnce,
      reading,
    );
    first = false;
  }
}
