import { foldIdToken, type IdSource } from '@busbar/domain';
import type { Answers, Report } from '@busbar/events';
import type { Ending, EndingBook } from './ending.js';
import type { StationLedger } from './ledger.js';
import { digestOf } from './natural-key.js';
import type { OrphanBook } from './orphans.js';
import { answerOfStop, type StopContext, tokenOf, usableId } from './stop-message.js';
import type { RecordedStop, TransactionRecord } from './transaction-record.js';

type StopAnswer = Answers['transaction.ended'];

/** Records stops, each inside a transaction that holds its station's lock. A stop is always answered (rule X-01). */
export class StopBook {
  constructor(
    private readonly ids: IdSource,
    private readonly endings: EndingBook,
    private readonly orphans: OrphanBook,
  ) {}

  /**
   * Ends the transaction that the stop names. A repeat gets the first answer and changes nothing; a contradiction
   * is kept and flagged (rule X-06). A stop that names no transaction of this station is kept as an orphan and
   * joined to one only when exactly one fits (rules ).
   */
  async record(ledger: StationLedger, report: Report<'transaction.ended'>, context: StopContext): Promise<StopAnswer> {
    const ocppTransactionId = usableId(report.data.ocppTransactionId);
    const named = ocppTransactionId === null ? undefined : await ledger.byOcppId(ocppTransactionId);
    if (!named) return this.orphans.record(ledger, report, context);
    const answer =
      named.stop?.origin === 'station'
        ? await this.compare(ledger, named, named.stop, report, context)
        : await this.endByStation(ledger, named, report, context);
    await ledger.storeReadings(report.tenant, {
      evseId: named.evseId,
      connectorId: named.connectorId,
      ocppTransactionId: report.data.ocppTransactionId,
      receivedAt: report.receivedAt,
      readings: report.data.readings,
      raw: null,
    });
    return answer;
  }

  private async endByStation(
    ledger: StationLedger,
    named: TransactionRecord,
    report: Report<'transaction.ended'>,
    context: StopContext,
  ): Promise<StopAnswer> {
    await this.orphans.free(ledger, named, report, context);
    if (named.stop?.origin === 'person') await ledger.replaceClosure(named.id, context.now);
    const stop: Ending['stop'] = {
      origin: 'station',
      orphanId: null,
      messageId: report.source.messageId,
      timestampText: report.data.key.timestampText,
      meterText: report.data.key.meterStopText,
      receivedAt: new Date(report.receivedAt),
      raw: report.raw ?? null,
      stoppedAt: new Date(report.occurredAt),
      meterStopWh: report.data.meterStopWh,
      reason: report.data.stopReason,
      idToken: tokenOf(report),
      idTokenInfo: context.judgement?.idTokenInfo ?? null,
      closedBy: null,
    };
    const { implausibleClock } = report.data;
    await this.endings.end(ledger, named, { stop, implausibleClock, flags: context.flags }, context);
    return answerOfStop(stop.idTokenInfo);
  }

  /** A second stop of a stopped transaction: the same again, or a contradiction (rule X-06). */
  private async compare(
    ledger: StationLedger,
    named: TransactionRecord,
    first: RecordedStop,
    report: Report<'transaction.ended'>,
    context: StopContext,
  ): Promise<StopAnswer> {
    const { data } = report;
    const idToken = tokenOf(report);
    const sameToken = foldIdToken(idToken ?? '') === foldIdToken(first.idToken ?? '');
    const same =
      sameToken &&
      data.key.timestampText === first.timestampText &&
      data.key.meterStopText === first.meterText &&
      data.stopReason === first.reason;
    if (!same) {
      const said = { ...data.key, stopReason: data.stopReason, idToken, messageId: report.source.messageId };
      const added = await ledger.addSuspect({
        id: this.ids.next<'suspect'>(),
        transaction: named,
        key: digestOf([data.key.timestampText, data.key.meterStopText, data.stopReason, foldIdToken(idToken ?? '')]),
        said,
        raw: report.raw ?? null,
        receivedAt: new Date(report.receivedAt),
      });
      if (added) await this.endings.flag(ledger, named, ['conflicting-stop', ...context.flags], context);
    }
    if (idToken === null) return {}; // I-08
    return answerOfStop(sameToken ? first.idTokenInfo : (context.judgement?.idTokenInfo ?? null));
  }
}
