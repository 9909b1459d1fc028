import { type Decimal, foldIdToken, type IdSource } from '@busbar/domain';
import type { TransactionFlag } from '@busbar/events';
import type { CaseBook, Occasion } from './case-book.js';
import { energyBetween, isDecrease, isPlausibleRegister, rolloverCandidates } from './energy.js';
import { sameFlags, withFlags } from './flags.js';
import type { StationLedger } from './ledger.js';
import type { RecordedStop, TransactionRecord } from './transaction-record.js';
import { transactionFact } from './transaction-view.js';

/** What a stop says of a transaction, whether it named it or was matched to it. */
export interface Ending {
  stop: Omit<RecordedStop, 'energyWh'>;
  implausibleClock: boolean;
  flags: readonly TransactionFlag[];
}

/** Ends transactions and flags them, with the facts and cases that go with it. */
export class EndingBook {
  constructor(
    private readonly ids: IdSource,
    private readonly cases: CaseBook,
  ) {}

  /** The one place where a transaction ends, whoever ends it. Gives it as it is recorded now. */
  async end(
    ledger: StationLedger,
    before: TransactionRecord,
    ending: Ending,
    occasion: Occasion,
    by?: string,
  ): Promise<TransactionRecord> {
    const { stop } = ending;
    const beforeStart = stop.stoppedAt < before.startedAt && !before.flags.includes('clock-suspect');
    const clockSuspect = ending.implausibleClock || beforeStart;
    const decreased = isDecrease(before.meterStartWh, stop.meterStopWh);
    const oddities: [boolean, TransactionFlag][] = [
      [clockSuspect, 'clock-suspect'],
      [decreased, 'meter-decreased'],
      [stop.origin !== 'person' && !plausible(stop.meterStopWh), 'meter-implausible'],
      [isForeign(before, stop), 'foreign-token-stop'], // I-08
    ];
    const earned = oddities.filter(([odd]) => odd).map(([, flag]) => flag);
    // What a stand-in for the stop was flagged with goes with the stand-in.
    const gone: TransactionFlag[] = ['stop-missing', ...(before.stop ? standInFlags : [])];
    const after: TransactionRecord = {
      ...before,
      stop: { ...stop, energyWh: energyBetween(before.meterStartWh, stop.meterStopWh) },
      occupiesToken: false,
      flags: withFlags(withFlags(before.flags, [], gone), [...ending.flags, ...earned]),
    };
    await ledger.save(after);
    const extra = before.stop ? { replaces: before.stop.origin } : {};
    ledger.record(
      transactionFact(this.ids.next<'fact'>(), 'transaction.ended', after, occasion.identity, occasion.now, extra),
    );
    await this.settleCases(ledger, before, after, { clockSuspect, decreased }, occasion, by);
    return after;
  }

  private async settleCases(
    ledger: StationLedger,
    before: TransactionRecord,
    ended: TransactionRecord,
    odd: { clockSuspect: boolean; decreased: boolean },
    occasion: Occasion,
    by?: string,
  ): Promise<void> {
    const { stop } = ended;
    if (!stop) return;
    const about = { tenant: ended.tenant, station: ended.station, subject: ended.id, transaction: ended.id };
    if (before.flags.includes('stop-missing')) {
      const resolution = stop.origin === 'person' ? 'closed by hand' : 'the stop came';
      const how = { resolution, ...(by === undefined ? {} : { by }) };
      await this.cases.end(ledger, ended.id, ['stop-missing'], how, occasion);
    }
    if (odd.decreased && stop.meterStopWh !== null) {
      const last = await ledger.lastRegister(ended);
      const evidence = {
        meterStartWh: ended.meterStartWh,
        meterStopWh: stop.meterStopWh,
        rollover: rolloverCandidates(ended.meterStartWh, stop.meterStopWh),
        lastRegister: last ? { energyWh: last.energyWh, sampledAt: last.sampledAt.toISOString() } : null,
      };
      await this.cases.open(ledger, 'meter', about, evidence, occasion);
    } else if (before.flags.includes('meter-decreased')) {
      await this.cases.end(ledger, ended.id, ['meter'], { resolution: 'the stop in doubt was replaced' }, occasion);
    }
    if (odd.clockSuspect) {
      const evidence = { startedAt: ended.startedAt.toISOString(), stoppedAt: stop.stoppedAt.toISOString() };
      await this.cases.open(ledger, 'clock', about, { ...evidence, timestampText: stop.timestampText }, occasion);
    }
    // When a person closes it, nobody knows when it ended.
    if (ended.flags.includes('superseded') && stop.origin !== 'person') {
      const overlapping = await ledger.beganBetween(ended, stop.stoppedAt);
      if (overlapping) {
        const evidence = { stoppedAt: stop.stoppedAt.toISOString(), overlaps: overlapping };
        await this.cases.open(ledger, 'overlap', about, evidence, occasion);
      }
    }
  }

  /** Adds flags to a transaction, and tells of it if that changed any. */
  async flag(
    ledger: StationLedger,
    transaction: TransactionRecord,
    flags: readonly TransactionFlag[],
    occasion: Occasion,
  ): Promise<void> {
    const flagged = { ...transaction, flags: withFlags(transaction.flags, flags) };
    if (sameFlags(flagged.flags, transaction.flags)) return;
    await ledger.save(flagged);
    ledger.record(
      transactionFact(this.ids.next<'fact'>(), 'transaction.updated', flagged, occasion.identity, occasion.now),
    );
  }
}

/** Flags that tell how a stand-in for the station's own stop came about, or what was odd in it. */
const standInFlags: readonly TransactionFlag[] = [
  'closed-by-person',
  'orphan-matched',
  'meter-decreased',
  'foreign-token-stop',
];

function plausible(meterStopWh: Decimal | null): boolean {
  return meterStopWh !== null && isPlausibleRegister(meterStopWh);
}

/** Whether a token of another group stopped it (rule I-06). What nobody judged is not called foreign. */
function isForeign(transaction: TransactionRecord, { idToken, idTokenInfo }: Ending['stop']): boolean {
  if (idToken === null || idTokenInfo === null || foldIdToken(idToken) === transaction.idTokenFolded) return false;
  const { group } = idTokenInfo;
  const { group: starters } = transaction.idTokenInfo;
  return group === undefined || starters === undefined || foldIdToken(group) !== foldIdToken(starters);
}
