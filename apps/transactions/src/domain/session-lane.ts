import type { Clock, StationId } from '@busbar/domain';
import type { Answers, Receipt } from '@busbar/events';
import { cleanedJudgement, cleanedStart, cleanedStop } from './cleaned-report.js';
import { type Failure, failureOf, isOfTheReport, isWorthAnotherLook } from './failure.js';
import type { Gate } from './gate.js';
import type { Judgement } from './judgement.js';
import { type Authorizer, isStart, judgementsFor, type SessionReport, type StationIdentities } from './judging.js';
import type { Ledger, StationLedger, TokenGroup } from './ledger.js';
import { bytesKey } from './natural-key.js';
import type { IntakeObserver } from './observer.js';
import { type QuarantineBook, saidBytes } from './quarantine-book.js';
import type { StartBook, StartContext } from './start.js';
import type { StopBook } from './stop.js';
import { answerOfStop, tokenOf } from './stop-message.js';
import type { Suspicion } from './suspicion.js';

type SessionAnswer = Answers['transaction.started'] | Answers['transaction.ended'];

const looksMax = 3;
const waitingMax = 2_000;

/**
 * The lane of starts and stops: one transaction each, those of a station in order, those of different stations at
 * the same time within the gate's width. The tokens of a whole batch are judged in one question beforehand.
 */
export class SessionLane {
  constructor(
    private readonly ledger: Ledger,
    private readonly starts: StartBook,
    private readonly stops: StopBook,
    private readonly quarantine: QuarantineBook,
    private readonly authorizer: Authorizer,
    private readonly identities: StationIdentities,
    private readonly suspicion: Suspicion,
    private readonly observer: IntakeObserver,
    private readonly clock: Clock,
    private readonly gate: Gate,
  ) {}

  /** A receipt per report, in order, once its fate is known. Never rejects. */
  async answer(reports: readonly SessionReport[]): Promise<Receipt[]> {
    if (reports.length === 0) return [];
    if (this.gate.waiting + reports.length > waitingMax) {
      return reports.map((report) => this.#again(report, { code: 'busy', sqlState: null }, undefined));
    }
    let judgements: (Judgement | undefined)[];
    let contexts: StartContext[];
    try {
      const names = this.#identitiesOf(reports);
      judgements = await judgementsFor(reports, this.ledger, this.authorizer);
      const identities = await names;
      const now = this.clock.now();
      contexts = reports.map(({ station }, index) => {
        return { judgement: judgements[index], identity: identities.get(station), now, flags: [] };
      });
    } catch (error) {
      return reports.map((report) => this.#again(report, failureOf(error), error));
    }
    return this.#inOrderOfStations(reports, (report, index) => {
      const context = contexts[index];
      if (!context) throw new RangeError('a context per report');
      return this.gate.run(() => this.#record(report, context));
    });
  }

  /** Runs those of one station one after another, as the station sent them (rule S-09). */
  async #inOrderOfStations(
    reports: readonly SessionReport[],
    work: (report: SessionReport, index: number) => Promise<Receipt>,
  ): Promise<Receipt[]> {
    const receipts: Receipt[] = new Array(reports.length);
    const stations = Map.groupBy(reports.keys(), (index) => reports[index]?.station);
    const queues = [...stations.values()].map(async (indexes) => {
      for (const index of indexes) {
        const report = reports[index];
        if (report) receipts[index] = await work(report, index);
      }
    });
    await Promise.all(queues);
    return receipts;
  }

  async #record(report: SessionReport, context: StartContext): Promise<Receipt> {
    for (let look = 1; ; look += 1) {
      try {
        const work = (ledger: StationLedger) => this.#write(ledger, report, context);
        const answer = await this.ledger.forStation(report.station, work, groupOf(report, context));
        this.observer.answered(report.type, 1);
        return { answer };
      } catch (error) {
        const failure = failureOf(error);
        if (look < looksMax && isWorthAnotherLook(failure.code)) continue;
        if (!isOfTheReport(failure.code)) return this.#again(report, failure, error);
        return this.#blame(report, context, failure, error);
      }
    }
  }

  #write(ledger: StationLedger, report: SessionReport, context: StartContext): Promise<SessionAnswer> {
    return isStart(report) ? this.starts.record(ledger, report, context) : this.stops.record(ledger, report, context);
  }

  /**
   * A report that can't be recorded as it is goes to quarantine, byte for byte, and what any store takes of it is
   * recorded with it: a start has its transaction and its id in every case, a stop ends its transaction.
   */
  async #blame(report: SessionReport, context: StartContext, failure: Failure, error: unknown): Promise<Receipt> {
    if (!this.suspicion.blames(failure.code, bytesKey(saidBytes(report)).toString('hex'))) {
      return this.#again(report, failure, error);
    }
    if (!this.suspicion.admits()) return this.#again(report, { ...failure, code: 'poison-flood' }, error);
    const cleaned = isStart(report) ? [cleanedStart(report)] : [cleanedStop(report, true), cleanedStop(report, false)];
    let last: unknown = error;
    for (const candidate of [...cleaned, null]) {
      // A start that not even its cleaned form could be recorded of has no id to be answered with.
      if (candidate === null && isStart(report)) break;
      try {
        const answer = await this.#quarantine(report, candidate, context, failure);
        this.observer.quarantined(report.type, failure.code);
        this.observer.answered(report.type, 1);
        return { answer };
      } catch (cause) {
        last = cause;
        if (!isOfTheReport(failureOf(cause).code)) break;
      }
    }
    return this.#again(report, failureOf(last), last);
  }

  #quarantine(
    report: SessionReport,
    cleaned: SessionReport | null,
    context: StartContext,
    failure: Failure,
  ): Promise<SessionAnswer> {
    const clean = cleanedContext(context);
    const work = async (ledger: StationLedger) => {
      let answer: SessionAnswer = {};
      if (cleaned) answer = await this.#write(ledger, cleaned, clean);
      else if (!isStart(report) && tokenOf(report) !== null) {
        answer = answerOfStop(context.judgement?.idTokenInfo ?? null);
      }
      const transaction = 'ocppTransactionId' in answer ? await ledger.byOcppId(answer.ocppTransactionId) : undefined;
      await this.quarantine.keep(ledger, report, failure, transaction?.id ?? null, context);
      return answer;
    };
    return this.ledger.forStation(report.station, work, groupOf(report, clean));
  }

  async #identitiesOf(reports: readonly SessionReport[]): Promise<ReadonlyMap<StationId, string>> {
    const names = new Map<StationId, string>();
    const tenants = Map.groupBy(reports, ({ tenant }) => tenant);
    for (const [tenant, own] of tenants) {
      const found = await this.identities.of(tenant, [...new Set(own.map(({ station }) => station))]);
      for (const [station, identity] of found) names.set(station, identity);
    }
    return names;
  }

  #again(report: SessionReport, failure: Failure, error: unknown): Receipt {
    this.observer.failed(report.type, failure.code, 1, error);
    return { again: failure.code };
  }
}

function cleanedContext(context: StartContext): StartContext {
  const { judgement } = context;
  return { ...context, judgement: judgement && cleanedJudgement(judgement), flags: ['quarantined'] };
}

/** Whose lock a start needs, to count under it. A stop counts nobody. */
function groupOf(report: SessionReport, { judgement }: StartContext): TokenGroup | undefined {
  return isStart(report) && judgement ? { tenant: report.tenant, concurrencyKey: judgement.concurrencyKey } : undefined;
}
