import type { Clock } from '@busbar/domain';

const perMinuteMax = 10;
const minuteMs = 60_000;

/**
 * How much poison is believed: more than ten reports a minute that Postgres refuses for what they hold are a fault
 * of ours or of the database, and then nothing may be put aside and answered.
 */
export class PoisonBudget {
  #taken: number[] = [];

  constructor(private readonly clock: Clock) {}

  /** False when the minute's budget is spent. */
  take(): boolean {
    const nowMs = this.clock.monotonicMs();
    this.#taken = this.#taken.filter((takenMs) => nowMs - takenMs < minuteMs);
    if (this.#taken.length >= perMinuteMax) return false;
    this.#taken.push(nowMs);
    return true;
  }
}
