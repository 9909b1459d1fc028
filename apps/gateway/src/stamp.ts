import type { Clock } from '@busbar/domain';

/**
 * The time as text and as whole seconds since the start, for what happens many times a millisecond: formatting
 * a date costs as much as parsing a Heartbeat.
 */
export class Stamp {
  readonly #startedAt: number;
  readonly #startedMs: number;
  #ms = -1;
  #text = '';

  constructor(private readonly clock: Clock) {
    this.#startedAt = clock.now().getTime();
    this.#startedMs = clock.monotonicMs();
  }

  /** Now, RFC 3339 UTC with milliseconds. */
  text(): string {
    const now = this.clock.now();
    const ms = now.getTime();
    if (ms !== this.#ms) {
      this.#ms = ms;
      this.#text = now.toISOString();
    }
    return this.#text;
  }

  /** Whole seconds since the start, of a monotonic time. */
  tick(nowMs: number): number {
    return Math.floor((nowMs - this.#startedMs) / 1000);
  }

  /** About when a tick was, by the wall clock, RFC 3339. */
  ofTick(tick: number): string {
    return new Date(this.#startedAt + tick * 1000).toISOString();
  }
}
