import { foldIdToken, type IdSource } from '@busbar/domain';
import type { Answers, Report, TransactionFlag } from '@busbar/events';
import type { CaseBook, Occasion } from './case-book.js';
import type { Ending, EndingBook } from './ending.js';
import type { StationLedger } from './ledger.js';
import { stopKey } from './natural-key.js';
import { fits, onlyOne } from './orphan-matching.js';
import { answerOfStop, type StopContext, tokenOf } from './stop-message.js';
import type { OrphanStop, TransactionRecord } from './transaction-record.js';

/** Keeps stops that name no transaction of their station, and joins them to one when that is certain. */
export class OrphanBook {
  constructor(
    private readonly ids: IdSource,
    private readonly cases: CaseBook,
    private readonly endings: EndingBook,
  ) {}

  /** Keeps the stop unless it is kept already, and joins it where exactly one open transaction fits. */
  async record(
    ledger: StationLedger,
    report: Report<'transaction.ended'>,
    context: StopContext,
  ): Promise<Answers['transaction.ended']> {
    const known = await ledger.orphanByKey(stopKey(report));
    if (known) return answerOfStop(known.idTokenInfo);
    const orphan = this.orphanOf(report, context);
    await ledger.insertOrphan(orphan);
    const transaction = onlyOne(await ledger.openTransactions(), (open) => fits(orphan, open));
    if (transaction) {
      await this.join(ledger, transaction, orphan, context, { flags: context.flags });
    } else {
      await this.openOrphanCase(ledger, orphan, context);
    }
    return answerOfStop(orphan.idTokenInfo);
  }

  private orphanOf(report: Report<'transaction.ended'>, context: StopContext): OrphanStop {
    const { data } = report;
    const idToken = tokenOf(report);
    return {
      id: this.ids.next<'orphan'>(),
      tenant: report.tenant,
      station: report.station,
      stopKey: stopKey(report),
      ocppTransactionId: data.ocppTransactionId,
      messageId: report.source.messageId,
      timestampText: data.key.timestampText,
      meterText: data.key.meterStopText,
      receivedAt: new Date(report.receivedAt),
      raw: report.raw ?? null,
      stoppedAt: new Date(report.occurredAt),
      implausibleClock: data.implausibleClock,
      meterStopWh: data.meterStopWh,
      reason: data.stopReason,
      idToken,
      idTokenFolded: idToken === null ? null : foldIdToken(idToken),
      idTokenInfo: context.judgement?.idTokenInfo ?? null,
      readings: data.readings,
      match: null,
    };
  }

  private async openOrphanCase(ledger: StationLedger, orphan: OrphanStop, occasion: Occasion): Promise<void> {
    const about = { tenant: orphan.tenant, station: orphan.station, subject: orphan.id, transaction: null };
    const evidence = {
      ocppTransactionId: orphan.ocppTransactionId,
      idToken: orphan.idToken,
      stoppedAt: orphan.stoppedAt.toISOString(),
      meterStopWh: orphan.meterStopWh,
      stopReason: orphan.reason,
      receivedAt: orphan.receivedAt.toISOString(),
    };
    await this.cases.open(ledger, 'orphan-stop', about, evidence, occasion);
  }

  /**
   * A stop that names its transaction comes where an orphan was joined. Either it is the same stop, said again with
   * its id, or the orphan was joined to the wrong transaction: then it waits for a person again.
   */
  async free(
    ledger: StationLedger,
    named: TransactionRecord,
    report: Report<'transaction.ended'>,
    occasion: Occasion,
  ): Promise<void> {
    const { stop } = named;
    if (stop?.origin !== 'orphan' || stop.orphanId === null) return;
    const { timestampText, meterStopText } = report.data.key;
    if (timestampText === stop.timestampText && meterStopText === stop.meterText) return;
    const orphan = await ledger.orphanById(stop.orphanId);
    if (!orphan) return;
    await ledger.saveMatch({ ...orphan, match: null });
    await this.openOrphanCase(ledger, orphan, occasion);
  }

  /** Joins an orphan to a transaction that has no stop of its own: by rule X-03, or because a person says so. */
  async join(
    ledger: StationLedger,
    transaction: TransactionRecord,
    orphan: OrphanStop,
    occasion: Occasion,
    options: { person?: { name: string; resolution: string }; flags?: readonly TransactionFlag[] } = {},
  ): Promise<void> {
    const { person, flags = [] } = options;
    const by = person ? 'person' : 'rule';
    await ledger.saveMatch({ ...orphan, match: { transaction: transaction.id, by } });
    const resolution = person?.resolution ?? 'matched to its transaction by rule X-03';
    const how = { resolution, transaction: transaction.id, ...(person ? { by: person.name } : {}) };
    await this.cases.end(ledger, orphan.id, ['orphan-stop'], how, occasion);
    const ending: Ending = {
      stop: stopOfOrphan(orphan),
      implausibleClock: orphan.implausibleClock,
      flags: ['orphan-matched', ...flags],
    };
    await this.endings.end(ledger, transaction, ending, occasion);
    await ledger.storeReadings(orphan.tenant, {
      evseId: transaction.evseId,
      connectorId: transaction.connectorId,
      ocppTransactionId: String(transaction.ocppTransactionId),
      receivedAt: orphan.receivedAt.toISOString(),
      readings: orphan.readings,
      raw: null,
    });
  }
}

function stopOfOrphan(orphan: OrphanStop): Ending['stop'] {
  return {
    origin: 'orphan',
    orphanId: orphan.id,
    messageId: orphan.messageId,
    timestampText: orphan.timestampText,
    meterText: orphan.meterText,
    receivedAt: orphan.receivedAt,
    raw: orphan.raw,
    stoppedAt: orphan.stoppedAt,
    meterStopWh: orphan.meterStopWh,
    reason: orphan.reason,
    idToken: orphan.idToken,
    idTokenInfo: orphan.idTokenInfo,
    closedBy: null,
  };
}
