import type { IdSource, TransactionId } from '@busbar/domain';
import type { Report } from '@busbar/events';
import type { CaseBook, Occasion } from './case-book.js';
import type { Failure } from './failure.js';
import type { StationLedger } from './ledger.js';

/** Keeps reports that can't be recorded as they are: byte for byte, with a case for a person. */
export class QuarantineBook {
  constructor(
    private readonly ids: IdSource,
    private readonly cases: CaseBook,
  ) {}

  /** A report that is kept already is kept once. `transaction` is what was recorded of it all the same. */
  async keep(
    ledger: StationLedger,
    report: Report,
    failure: Failure,
    transaction: TransactionId | null,
    occasion: Occasion,
  ): Promise<void> {
    const id = this.ids.next<'quarantine'>();
    const { tenant, station } = report;
    const added = await ledger.quarantine({
      id,
      tenant,
      station,
      type: report.type,
      bytes: saidBytes(report),
      errorCode: failure.code,
      sqlState: failure.sqlState,
      receivedAt: new Date(report.receivedAt),
      transaction,
    });
    if (!added) return;
    const evidence = { quarantine: id, report: report.type, error: failure.code, sqlState: failure.sqlState };
    await this.cases.open(ledger, 'quarantine', { tenant, station, subject: id, transaction }, evidence, occasion);
  }
}

/**
 * What the station said in a report, as JSON, in ASCII where JSON needs it: the same for a message and its repeat,
 * so without what the way here added.
 */
export function saidBytes(report: Report): Buffer {
  const { type, evseId, connectorId, data, raw } = report;
  return Buffer.from(JSON.stringify({ type, evseId, connectorId, data, raw }), 'utf8');
}
