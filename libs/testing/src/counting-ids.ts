import type { Id, IdSource } from '@busbar/domain';

const digits = 26;

/** Ids 1, 2, 3 and so on, in the form of ours, so that a test can name the next one before it is made. */
export class CountingIds implements IdSource {
  #last = 0;

  next<Kind extends string>(): Id<Kind> {
    this.#last += 1;
    return this.at(this.#last);
  }

  /** The id that the `count`-th call gives, counted from 1. */
  at<Kind extends string>(count: number): Id<Kind> {
    return String(count).padStart(digits, '0') as Id<Kind>;
  }
}
