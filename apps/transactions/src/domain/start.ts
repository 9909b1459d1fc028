import { foldIdToken, type IdSource, type IdTokenInfo, type TenantId } from '@busbar/domain';
import type { Answers, Report, TransactionFlag } from '@busbar/events';
import type { CaseBook, Occasion } from './case-book.js';
import { isPlausibleRegister } from './energy.js';
import { withFlags } from './flags.js';
import type { Judgement } from './judgement.js';
import type { StationLedger } from './ledger.js';
import { startKey } from './natural-key.js';
import { fits, onlyOne } from './orphan-matching.js';
import type { OrphanBook } from './orphans.js';
import { isOffline, isReplayed } from './station-clock.js';
import type { TransactionRecord } from './transaction-record.js';
import { transactionFact } from './transaction-view.js';

/** The answer to a start that is not recorded yet and was not judged: it has to be asked about first. */
class NotJudged extends Error {
  readonly code = 'not-judged';
}

export interface StartContext extends Occasion {
  /** Undefined when the start was known before it was judged. */
  judgement: Judgement | undefined;
  /** Flags that the way here earned. */
  flags: readonly TransactionFlag[];
}

/**
 * Which of the recorded starts with the same key is the one that comes again; undefined when it is a new session.
 * A station without a clock sends one key for different sessions: then only a session that is still open, or the
 * very same message, is a repeat (rule S-07). Newest first.
 */
export function repeatedStart<T extends { startMessageIds: readonly string[]; active: boolean }>(
  report: Report<'transaction.started'>,
  recorded: readonly T[],
): T | undefined {
  const same =
    recorded.find((start) => start.startMessageIds.includes(report.source.messageId)) ??
    recorded.find((start) => start.active);
  return same ?? (report.data.implausibleClock ? undefined : recorded[0]);
}

const insertAttemptsMax = 3;
const messageIdsMax = 20;

/** Records starts, each inside a transaction that holds its station's lock. */
export class StartBook {
  constructor(
    private readonly ids: IdSource,
    private readonly cases: CaseBook,
    private readonly orphans: OrphanBook,
  ) {}

  /**
   * Records the start if it is new and gives its answer: always an id and a status (rule S-01). A repeat, before
   * or after the stop, gets the id and the decision of the first time and changes nothing (rules S-05, S-06).
   * Throws `not-judged` when it is new and `judgement` is missing.
   */
  async record(
    ledger: StationLedger,
    report: Report<'transaction.started'>,
    context: StartContext,
  ): Promise<Answers['transaction.started']> {
    const key = startKey(report);
    for (let attempt = 1; attempt <= insertAttemptsMax; attempt += 1) {
      // Before anything is judged: a repeat that was called concurrent would end the session it repeats (rule S-05).
      const { sameKey, open } = await ledger.situation(key);
      const repeated = repeatedStart(report, sameKey.map(withActivity));
      if (repeated) {
        if (report.data.implausibleClock) await this.rememberMessage(ledger, repeated, report.source.messageId);
        return answerOf(repeated);
      }
      if (!context.judgement) throw new NotJudged('a new start needs a judgement');
      const draft = await this.draft(ledger, report, context, context.judgement, sameKey.length > 0);
      const inserted = await ledger.insert(draft);
      if (!inserted) continue;
      const { implausibleClock } = report.data;
      const settled = await this.settleConnector(ledger, inserted.transaction, open, implausibleClock, context);
      ledger.record(this.fact('transaction.started', settled, context));
      if (inserted.orphansWait) await this.joinOrphan(ledger, settled, open, context);
      return answerOf(settled);
    }
    throw new Error('a start is neither there nor can it be inserted');
  }

  /** Without a clock only its message tells a repeat from the next session, once this one has ended (rule S-07). */
  private async rememberMessage(ledger: StationLedger, transaction: TransactionRecord, messageId: string) {
    const { startMessageIds } = transaction;
    if (startMessageIds.includes(messageId)) return;
    const remembered = [...startMessageIds, messageId].slice(-messageIdsMax);
    await ledger.save({ ...transaction, startMessageIds: remembered });
  }

  private async draft(
    ledger: StationLedger,
    report: Report<'transaction.started'>,
    context: StartContext,
    judgement: Judgement,
    keyTaken: boolean,
  ): Promise<Omit<TransactionRecord, 'ocppTransactionId'>> {
    const { data } = report;
    const id = this.ids.next<'transaction'>();
    const replayed = isReplayed(report);
    const evseId = report.evseId ?? 0;
    const connectorId = report.connectorId ?? (evseId > 0 ? 1 : 0);
    const place = { evseId, connectorId };
    const idTokenInfo = replayed ? judgement.idTokenInfo : await withinLimit(ledger, report.tenant, place, judgement);
    const accepted = idTokenInfo.status === 'Accepted';
    const reservationId = data.reservationId !== undefined && data.reservationId > 0 ? data.reservationId : null;
    const oddities: [boolean, TransactionFlag][] = [
      [!accepted, 'unauthorized'], // S-04
      [!judgement.decided, 'authorization-unavailable'],
      [data.implausibleClock, 'clock-suspect'], // S-07
      [!isPlausibleRegister(data.meterStartWh), 'meter-implausible'], // S-14
      [reservationId !== null, 'reservation-unknown'], // S-13
      [evseId <= 0, 'connector-unknown'], // S-10
    ];
    const flags = oddities.filter(([odd]) => odd).map(([, flag]) => flag);
    return {
      id,
      tenant: report.tenant,
      station: report.station,
      evseId,
      connectorId,
      startKey: startKey(report),
      discriminator: keyTaken ? id : '',
      startMessageIds: [report.source.messageId],
      startTimestampText: data.key.timestampText,
      startMeterText: data.key.meterStartText,
      startReceivedAt: new Date(report.receivedAt),
      startRaw: report.raw ?? null,
      idToken: data.idToken,
      idTokenFolded: foldIdToken(data.idToken),
      startedAt: new Date(report.occurredAt),
      meterStartWh: data.meterStartWh,
      reservationId,
      offline: isOffline(report),
      authorizationStatus: idTokenInfo.status,
      authorizationReason: idTokenInfo === judgement.idTokenInfo ? judgement.reason : 'concurrent-transaction',
      idTokenInfo,
      concurrencyKey: judgement.concurrencyKey,
      remoteStartCommandId: null,
      occupiesToken: accepted && !replayed,
      stop: null,
      flags: withFlags(context.flags, flags),
    };
  }

  /**
   * One connector has one running transaction, so of the open ones only the one that began last can still run.
   * The others are kept as they are, marked and made a case; nobody guesses how they ended (rule S-11).
   */
  private async settleConnector(
    ledger: StationLedger,
    started: TransactionRecord,
    open: readonly TransactionRecord[],
    implausibleClock: boolean,
    context: StartContext,
  ): Promise<TransactionRecord> {
    if (implausibleClock) await this.openClockCase(ledger, started, context);
    if (started.evseId <= 0) return started;
    const others = open.filter(
      (other) =>
        other.evseId === started.evseId &&
        other.connectorId === started.connectorId &&
        !other.flags.includes('superseded'),
    );
    const newer = others.find(
      (other) => !implausibleClock && !hasSuspectClock(other) && other.startedAt > started.startedAt,
    );
    for (const other of others) {
      if (other === newer) continue;
      const marked = await this.supersede(ledger, other, started, context);
      ledger.record(this.fact('transaction.updated', marked, context));
    }
    return newer ? this.supersede(ledger, started, newer, context) : started;
  }

  private async supersede(
    ledger: StationLedger,
    older: TransactionRecord,
    newer: TransactionRecord,
    context: StartContext,
  ): Promise<TransactionRecord> {
    const marked = { ...older, occupiesToken: false, flags: withFlags(older.flags, ['superseded', 'stop-missing']) };
    await ledger.save(marked);
    const evidence = {
      supersededBy: newer.id,
      startedAt: newer.startedAt.toISOString(),
      meterStartWh: newer.meterStartWh,
    };
    await this.cases.open(ledger, 'stop-missing', aboutOf(older), evidence, context);
    return marked;
  }

  private async openClockCase(ledger: StationLedger, started: TransactionRecord, context: StartContext): Promise<void> {
    const evidence = {
      timestampText: started.startTimestampText,
      receivedAt: started.startReceivedAt.toISOString(),
    };
    await this.cases.open(ledger, 'clock', aboutOf(started), evidence, context);
  }

  /** A stop that came before its start waits among the orphans; it is joined when exactly one fits (rule X-03). */
  private async joinOrphan(
    ledger: StationLedger,
    started: TransactionRecord,
    open: readonly TransactionRecord[],
    context: StartContext,
  ): Promise<void> {
    const orphans = await ledger.unmatchedOrphans(started.idTokenFolded);
    const orphan = onlyOne(orphans, (one) => fits(one, started));
    if (!orphan || open.some((other) => fits(orphan, other))) return;
    await this.orphans.join(ledger, started, orphan, context);
  }

  private fact(
    type: 'transaction.started' | 'transaction.updated',
    transaction: TransactionRecord,
    context: StartContext,
  ) {
    return transactionFact(this.ids.next<'fact'>(), type, transaction, context.identity, context.now);
  }
}

/** Only an accepted token can be one too many, and only at a start (rule I-03). */
async function withinLimit(
  ledger: StationLedger,
  tenant: TenantId,
  place: { evseId: number; connectorId: number },
  judgement: Judgement,
): Promise<IdTokenInfo> {
  const { idTokenInfo, maxConcurrentTransactions, concurrencyKey } = judgement;
  if (idTokenInfo.status !== 'Accepted' || maxConcurrentTransactions === null) return idTokenInfo;
  const occupied = await ledger.occupied(tenant, concurrencyKey, place);
  return occupied < maxConcurrentTransactions ? idTokenInfo : { ...idTokenInfo, status: 'ConcurrentTx' };
}

function aboutOf(transaction: TransactionRecord) {
  const { id, tenant, station } = transaction;
  return { tenant, station, subject: id, transaction: id };
}

function withActivity(transaction: TransactionRecord): TransactionRecord & { active: boolean } {
  return { ...transaction, active: transaction.stop === null };
}

function hasSuspectClock(transaction: TransactionRecord): boolean {
  return transaction.flags.includes('clock-suspect');
}

function answerOf(transaction: TransactionRecord): Answers['transaction.started'] {
  return { ocppTransactionId: transaction.ocppTransactionId, idTokenInfo: transaction.idTokenInfo };
}
