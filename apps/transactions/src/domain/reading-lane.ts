import type { Clock } from '@busbar/domain';
import type { Receipt, Report } from '@busbar/events';
import type { Occasion } from './case-book.js';
import { type Failure, failureOf, isOfTheReport, isWorthAnotherLook } from './failure.js';
import type { Ledger } from './ledger.js';
import { bytesKey } from './natural-key.js';
import type { IntakeObserver } from './observer.js';
import { type QuarantineBook, saidBytes } from './quarantine-book.js';
import type { Suspicion } from './suspicion.js';

export type ReadingReport = Report<'meter.sampled'>;

/** Where readings are kept in bulk. */
export interface ReadingStore {
  /**
   * Keeps the readings of all these reports in one commit, or none of them. Those that are there already are left
   * as they are, so it may be called again after `commit-unknown`. Any order, any number of callers at once.
   */
  commit(reports: readonly ReadingReport[]): Promise<void>;
}

/** Who else wants committed readings. Must not throw and must not wait. */
export interface ReadingFeed {
  committed(reports: readonly ReadingReport[]): void;
}

export interface ReadingLaneLimits {
  /** A commit takes no more readings than this, unless one batch alone holds more. */
  rowsPerCommit: number;
  /** How many commits may run at once. */
  commitsAtOnce: number;
  /** Readings waiting for a commit; what would be more is sent back. */
  rowsWaitingMax: number;
}

interface Waiting {
  reports: readonly ReadingReport[];
  rows: number;
  done: (receipts: Receipt[]) => void;
}

const looksMax = 3;

const stored: Receipt<'meter.sampled'> = { answer: {} };

/**
 * The bulk lane: while some batches are committed the next ones gather, and then share one commit. A report that
 * Postgres refuses is found by halving, kept in quarantine and answered; its neighbours are kept as usual.
 */
export class ReadingLane {
  readonly #waiting: Waiting[] = [];
  #rowsWaiting = 0;
  #commits = 0;

  constructor(
    private readonly store: ReadingStore,
    private readonly ledger: Ledger,
    private readonly quarantine: QuarantineBook,
    private readonly suspicion: Suspicion,
    private readonly feed: ReadingFeed,
    private readonly observer: IntakeObserver,
    private readonly clock: Clock,
    private readonly limits: ReadingLaneLimits,
  ) {}

  /** A receipt per report, in order, once its fate is known. Never rejects. */
  answer(reports: readonly ReadingReport[]): Promise<Receipt[]> {
    if (reports.length === 0) return Promise.resolve([]);
    let rows = 0;
    for (const report of reports) rows += report.data.readings.length;
    if (this.#rowsWaiting + rows > this.limits.rowsWaitingMax) {
      return Promise.resolve(this.#again(reports, { code: 'busy', sqlState: null }, undefined));
    }
    return new Promise((done) => {
      this.#waiting.push({ reports, rows, done });
      this.#rowsWaiting += rows;
      this.#commitNext();
    });
  }

  #commitNext(): void {
    while (this.#commits < this.limits.commitsAtOnce && this.#waiting.length > 0) {
      const taken = this.#take();
      this.#commits += 1;
      void this.#commit(taken).finally(() => {
        this.#commits -= 1;
        this.#commitNext();
      });
    }
  }

  #take(): Waiting[] {
    let rows = 0;
    let count = 0;
    for (const { rows: more } of this.#waiting) {
      if (count > 0 && rows + more > this.limits.rowsPerCommit) break;
      rows += more;
      count += 1;
    }
    this.#rowsWaiting -= rows;
    return this.#waiting.splice(0, count);
  }

  async #commit(taken: readonly Waiting[]): Promise<void> {
    const receipts = await this.#store(taken.flatMap(({ reports }) => reports));
    let from = 0;
    for (const { reports, done } of taken) {
      done(receipts.slice(from, from + reports.length));
      from += reports.length;
    }
  }

  async #store(reports: readonly ReadingReport[], look = 1): Promise<Receipt[]> {
    const startedMs = this.clock.monotonicMs();
    try {
      await this.store.commit(reports);
    } catch (error) {
      const failure = failureOf(error);
      if (look < looksMax && isWorthAnotherLook(failure.code)) return this.#store(reports, look + 1);
      if (!isOfTheReport(failure.code)) return this.#again(reports, failure, error);
      return reports.length > 1 ? this.#halve(reports) : this.#blame(reports, failure, error);
    }
    const rows = reports.reduce((sum, { data }) => sum + data.readings.length, 0);
    this.observer.committedReadings(rows, (this.clock.monotonicMs() - startedMs) / 1_000);
    this.observer.answered('meter.sampled', reports.length);
    this.feed.committed(reports);
    return reports.map(() => stored);
  }

  async #halve(reports: readonly ReadingReport[]): Promise<Receipt[]> {
    const middle = reports.length >> 1;
    const first = await this.#store(reports.slice(0, middle));
    return [...first, ...(await this.#store(reports.slice(middle)))];
  }

  /** One report is to blame. If it holds several readings only the bad ones are: the others are kept (rule V-05). */
  async #blame([report]: readonly ReadingReport[], failure: Failure, error: unknown): Promise<Receipt[]> {
    if (!report) return [];
    const { readings } = report.data;
    if (readings.length > 1) {
      const alone = readings.map((reading) => ({ ...report, data: { ...report.data, readings: [reading] } }));
      const receipts = await this.#store(alone);
      return [receipts.find((receipt) => 'again' in receipt) ?? stored];
    }
    if (!this.suspicion.blames(failure.code, bytesKey(saidBytes(report)).toString('hex'))) {
      return this.#again([report], failure, error);
    }
    if (!this.suspicion.admits()) return this.#again([report], { ...failure, code: 'poison-flood' }, error);
    try {
      const occasion: Occasion = { identity: undefined, now: this.clock.now() };
      await this.ledger.forStation(report.station, (ledger) =>
        this.quarantine.keep(ledger, report, failure, null, occasion),
      );
    } catch (cause) {
      return this.#again([report], failureOf(cause), cause);
    }
    this.observer.quarantined(report.type, failure.code);
    this.observer.answered(report.type, 1);
    return [stored];
  }

  #again(reports: readonly ReadingReport[], failure: Failure, error: unknown): Receipt[] {
    this.observer.failed('meter.sampled', failure.code, reports.length, error);
    return reports.map(() => ({ again: failure.code }));
  }
}
