import type { Clock } from '@busbar/domain';

/**
 * Where this gateway's epochs come from: microseconds of its clock, and always above every epoch that it has seen,
 * so that they rise even where clocks disagree. DESIGN §3.
 */
export class Epochs {
  #highest = 0;

  constructor(private readonly clock: Clock) {}

  /** The least that a new epoch of ours may be. */
  next(): number {
    return Math.max(this.clock.now().getTime() * 1000, this.#highest + 1);
  }

  /** A new epoch without the directory's help. */
  own(): number {
    const epoch = this.next();
    this.#highest = epoch;
    return epoch;
  }

  /** Someone has this epoch. What is no epoch is ignored: it must not push ours beyond 2^53. */
  saw(epoch: number): void {
    const soonest = (this.clock.now().getTime() + dayMs) * 1000;
    if (Number.isSafeInteger(epoch) && epoch > this.#highest && epoch <= soonest) this.#highest = epoch;
  }
}

/** A clock that is ahead by more than this is wrong, and following it would carry its error to all. */
const dayMs = 86_400_000;
