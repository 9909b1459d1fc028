import type { Receipt, Report, ReportBatch } from '@busbar/events';
import { isOutage, Outage } from './failure.js';
import type { SessionReport } from './judging.js';
import type { Ledger } from './ledger.js';
import type { ReadingLane, ReadingReport } from './reading-lane.js';
import type { SessionLane } from './session-lane.js';

/**
 * The way in. Two lanes: readings in bulk, starts and stops one by one. A report is answered after its commit and
 * never before.
 */
export class Intake {
  constructor(
    private readonly ledger: Ledger,
    private readonly readings: ReadingLane,
    private readonly sessions: SessionLane,
  ) {}

  /**
   * A receipt per report, in order. A batch without reports is a probe: it commits something that nobody needs, to
   * show that the way is open. Throws when nothing could be committed, because any reply would say the contrary.
   */
  async answer(batch: ReportBatch): Promise<Receipt[]> {
    if (batch.reports.length === 0) {
      await this.ledger.probe();
      return [];
    }
    const sessions: SessionReport[] = [];
    const readings: ReadingReport[] = [];
    for (const report of batch.reports) {
      if (isReading(report)) readings.push(report);
      else if (isSession(report)) sessions.push(report);
    }
    const [ofSessions, ofReadings] = await Promise.all([
      this.sessions.answer(sessions),
      this.readings.answer(readings),
    ]);
    const receipts = merge(batch.reports, ofSessions, ofReadings);
    const codes = receipts.map((receipt) => ('again' in receipt ? receipt.again : null));
    const [first = null] = codes;
    if (first !== null && codes.every((code) => code !== null && isOutage(code))) throw new Outage(first);
    return receipts;
  }
}

function merge(reports: readonly Report[], ofSessions: readonly Receipt[], ofReadings: readonly Receipt[]): Receipt[] {
  let session = 0;
  let reading = 0;
  return reports.map((report) => {
    if (isReading(report)) return ofReadings[reading++] ?? notOurs;
    if (isSession(report)) return ofSessions[session++] ?? notOurs;
    return notOurs;
  });
}

/** A gateway that sends others' reports here is of another release; its stations are told, not left waiting. */
const notOurs: Receipt = { refused: 'InternalError' };

function isReading(report: Report): report is ReadingReport {
  return report.type === 'meter.sampled';
}

function isSession(report: Report): report is SessionReport {
  return report.type === 'transaction.started' || report.type === 'transaction.ended';
}
