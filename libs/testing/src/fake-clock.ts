import type { Clock } from '@busbar/domain';

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #wallMs: number;
  #monotonicMs = 1_000;

  constructor(start: Date | string = '2026-01-01T00:00:00.000Z') {
    this.#wallMs = new Date(start).getTime();
  }

  now(): Date {
    return new Date(this.#wallMs);
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** Time passes, on both faces. */
  advance(milliseconds: number): void {
    if (milliseconds < 0) throw new RangeError('time that passes is not negative; set() moves the wall clock back');
    this.#wallMs += milliseconds;
    this.#monotonicMs += milliseconds;
  }

  /** Someone sets the wall clock, perhaps back; no time passes. */
  set(now: Date | string): void {
    this.#wallMs = new Date(now).getTime();
  }
}
