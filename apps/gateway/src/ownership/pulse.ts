import type { Clock } from '@busbar/domain';

/**
 * What may be written to sockets now.
 * - `write`: this gateway heard itself over the bus a moment ago; its claims hold
 * - `hold`: it has just woken from a stall, or its lease may have run out: a request to fence may be waiting unread
 * - `lost`: too long without hearing itself; everything is fenced
 */
export type Verdict = 'write' | 'hold' | 'lost';

export interface PulseOptions {
  /** Without an answer to a ping for this long everything is held: the lease has run out. */
  holdAfterMs: number;
  /** And after this long all connections are fenced and closed. */
  lostAfterMs: number;
  /** An event loop that stood still for this long makes everything doubtful until a new ping is back. */
  stallMs: number;
}

/**
 * How sure this gateway may be of holding its stations, from the age of its last ping to itself over NATS.
 *
 * A request to fence that others sent while this process was frozen lies in the bus connection's buffer before
 * the answer to any ping sent after waking. So once such a ping is back, every fence has been heard.
 */
export class Pulse {
  /** When the latest ping that came back had been sent. */
  #heardAt: number;
  #tickedAt: number;
  /** Pings sent before this instant prove nothing; null when there is no doubt. */
  #doubtSince: number | null = null;
  #lost = false;

  constructor(
    private readonly clock: Clock,
    private readonly options: PulseOptions,
    private readonly listener: { lost(): void; fresh(): void },
  ) {
    this.#heardAt = clock.monotonicMs();
    this.#tickedAt = this.#heardAt;
  }

  /** Asked before every write; `now` is the monotonic time of this very moment. */
  verdict(now: number): Verdict {
    if (this.#lost) return 'lost';
    if (now - this.#heardAt > this.options.lostAfterMs) {
      this.#lost = true;
      this.listener.lost();
      return 'lost';
    }
    if (this.#doubtSince !== null) return 'hold';
    if (now - this.#tickedAt <= this.options.stallMs && now - this.#heardAt <= this.options.holdAfterMs) return 'write';
    this.#doubtSince = now;
    return 'hold';
  }

  /** Several times a second. True when a ping should go out at once, because there is doubt. */
  tick(): boolean {
    const now = this.clock.monotonicMs();
    const verdict = this.verdict(now);
    this.#tickedAt = now;
    return verdict === 'hold';
  }

  /** A ping that was sent at `sentAt` (monotonic, this process's own) came back. */
  heard(sentAt: number): void {
    const now = this.clock.monotonicMs();
    // A process that was frozen for too long must not take an answer from before for a proof.
    this.verdict(now);
    if (sentAt <= this.#heardAt) return;
    if (this.#doubtSince !== null && sentAt < this.#doubtSince) return;
    if (this.#lost && now - sentAt > this.options.holdAfterMs) return;
    this.#heardAt = sentAt;
    if (this.#doubtSince === null && !this.#lost) return;
    this.#doubtSince = null;
    this.#lost = false;
    this.#tickedAt = now;
    this.listener.fresh();
  }

  get lost(): boolean {
    return this.#lost;
  }

  get ageMs(): number {
    return this.clock.monotonicMs() - this.#heardAt;
  }
}
