import type { Clock } from '@busbar/domain';

export interface AcceptLineOptions {
  perSecond: number;
  /** How much may come at once without waiting, in milliseconds' worth of the rate. */
  burstMs: number;
  /** Who would wait longer than this is refused. */
  waitMsMax: number;
}

interface Waiting {
  dueAt: number;
  run: () => void;
}

/** The slowest that lag and recovery may make the line, as a share of its rate. */
const slowest = 0.1;
const lagMsMax = 250;

/**
 * Paces upgrades to a rate: a storm waits in line for a moment instead of being refused, and only what overflows
 * the line is told to come back later. Bounded by rate × longest wait. The rate falls while the event loop lags
 * and climbs back by half every half second, and likewise after the commit path was away.
 */
export class AcceptLine {
  #waiting: Waiting[] = [];
  #head = 0;
  #timer: NodeJS.Timeout | null = null;
  /** The instant at which the line would be empty again. */
  #emptyAt = Number.NEGATIVE_INFINITY;
  #share = 1;

  constructor(
    private readonly clock: Clock,
    private readonly options: AcceptLineOptions,
  ) {}

  /** Runs `run` now or when its turn comes. False: the line is full, nothing will be run. */
  enter(run: () => void): boolean {
    const now = this.clock.monotonicMs();
    const from = Math.max(this.#emptyAt, now - this.options.burstMs);
    if (from - now > this.options.waitMsMax) return false;
    this.#emptyAt = from + 1000 / (this.options.perSecond * this.#share);
    if (from <= now && this.#head === this.#waiting.length) run();
    else {
      this.#waiting.push({ dueAt: from, run });
      this.#schedule(now);
    }
    return true;
  }

  /** Twice a second: the longest delay of the event loop since the last call. */
  adapt(lagMs: number): void {
    this.#share = lagMs > lagMsMax ? Math.max(slowest, this.#share / 2) : Math.min(1, this.#share * 1.5);
  }

  /** After an outage: begins slowly. */
  slowDown(): void {
    this.#share = slowest;
  }

  get waiting(): number {
    return this.#waiting.length - this.#head;
  }

  /** Runs everyone in line at once: nobody is let in any more, and who waits is to be told so. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const waiting = this.#waiting.slice(this.#head);
    this.#waiting = [];
    this.#head = 0;
    for (const { run } of waiting) run();
  }

  #schedule(now: number): void {
    const next = this.#waiting[this.#head];
    if (this.#timer !== null || next === undefined) return;
    this.#timer = setTimeout(this.#run, Math.max(1, next.dueAt - now));
  }

  readonly #run = (): void => {
    this.#timer = null;
    const now = this.clock.monotonicMs();
    for (let next = this.#waiting[this.#head]; next !== undefined && next.dueAt <= now; ) {
      this.#head += 1;
      next.run();
      next = this.#waiting[this.#head];
    }
    if (this.#head > 0 && this.#head * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    this.#schedule(now);
  };
}
