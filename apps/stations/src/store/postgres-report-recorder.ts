import type { Receipt, Report } from '@busbar/events';
import { recordFacts } from '@busbar/outbox';
import { type Database, DatabaseError, sql } from '@busbar/persistence';
import type { PoisonBudget } from '../domain/reports/poison-budget.js';
import { recordReports, stationsOf } from '../domain/reports/record.js';
import { securityEventDigest } from '../domain/reports/security-event.js';
import { isA, type RecordContext } from '../domain/reports/turn.js';
import type { RecordedBatch, ReportRecorder } from '../domain/station-store.js';
import { quarantine } from './quarantine.js';
import { lockStates, type StateRequest } from './report-state.js';
import { writeChanges } from './write-changes.js';

const deadlockRetries = 2;

/**
 * Records batches in Postgres. A batch that it refuses for what it holds is halved until the one bad report is
 * alone; that one goes to quarantine and is answered as the stored state says.
 */
export class PostgresReportRecorder implements ReportRecorder {
  constructor(
    private readonly database: Database,
    private readonly context: RecordContext,
    private readonly poison: PoisonBudget,
  ) {}

  async record(reports: readonly Report[]): Promise<RecordedBatch> {
    try {
      return await this.#commit(reports);
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== 'poison') throw error;
      const [only] = reports;
      if (reports.length > 1) return this.#halve(reports);
      if (!only || !this.poison.take()) throw error;
      await quarantine(this.database, only, error.sqlState);
      return { receipts: [await this.#answerUnrecorded(only)], changes: [] };
    }
  }

  async #halve(reports: readonly Report[]): Promise<RecordedBatch> {
    const middle = reports.length >> 1;
    const first = await this.record(reports.slice(0, middle));
    const second = await this.record(reports.slice(middle));
    return { receipts: [...first.receipts, ...second.receipts], changes: [...first.changes, ...second.changes] };
  }

  async #commit(reports: readonly Report[]): Promise<RecordedBatch> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#commitOnce(reports);
      } catch (error) {
        const again = error instanceof DatabaseError && error.code === 'serialization' && attempt < deadlockRetries;
        if (!again) throw error;
      }
    }
  }

  #commitOnce(reports: readonly Report[]): Promise<RecordedBatch> {
    return this.database.transaction(async (tx) => {
      if (reports.length === 0) {
        // A probe asks whether the commit path works, so it must not stop at the pool.
        await tx.query(sql.named('stations_probe')`select 1`);
        return { receipts: [], changes: [] };
      }
      const states = await lockStates(tx, requestFor(reports));
      const { receipts, changes } = recordReports(reports, states, this.context);
      await writeChanges(tx, changes);
      if (changes.facts.length > 0) await recordFacts(tx, 'stations', changes.facts);
      return { receipts, changes: [changes] };
    });
  }

  /** The answer that the stored state gives, for a report that could not be stored itself. */
  async #answerUnrecorded(report: Report): Promise<Receipt> {
    const states = await this.database.transaction((tx) => lockStates(tx, requestFor([report])));
    const [receipt] = recordReports([report], states, this.context).receipts;
    return receipt ?? { refused: 'InternalError' };
  }
}

function requestFor(reports: readonly Report[]): StateRequest {
  const connectorsOf = new Set<StateRequest['connectorsOf'][number]>();
  const securityEvents: StateRequest['securityEvents'][number][] = [];
  for (const report of reports) {
    if (isA(report, 'connector.statusChanged')) connectorsOf.add(report.station);
    if (isA(report, 'security.eventReported')) {
      const digest = securityEventDigest(report.data.type, report.occurredAt, report.data.techInfo);
      securityEvents.push({ station: report.station, digest });
    }
  }
  return { stations: stationsOf(reports), connectorsOf: [...connectorsOf], securityEvents };
}
