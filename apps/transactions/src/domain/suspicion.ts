import type { Clock } from '@busbar/domain';

const windowMs = 60_000;
const poisonsMax = 10;
const strikesMax = 3;
const remembered = 1_000;

/**
 * Decides when a failure is blamed on a report. Poison is, up to ten times a minute: beyond that something else is
 * wrong and it counts as an outage. A fault that Postgres does not call poison is, when the same report has failed
 * alone three times (DESIGN §2, §6).
 */
export class Suspicion {
  readonly #blamed: number[] = [];
  readonly #strikes = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** Whether the report is to blame for a failure of this code. `key` names the report. */
  blames(code: string, key: string): boolean {
    if (code === 'poison') return true;
    const strikes = (this.#strikes.get(key) ?? 0) + 1;
    this.#strikes.delete(key);
    if (strikes >= strikesMax) return true;
    this.#strikes.set(key, strikes);
    const oldest = this.#strikes.keys().next().value;
    if (this.#strikes.size > remembered && oldest !== undefined) this.#strikes.delete(oldest);
    return false;
  }

  /** Counts one more report sent to quarantine; false when that is one too many within a minute. */
  admits(): boolean {
    const now = this.clock.monotonicMs();
    while (this.#blamed[0] !== undefined && now - this.#blamed[0] > windowMs) this.#blamed.shift();
    if (this.#blamed.length >= poisonsMax) return false;
    this.#blamed.push(now);
    return true;
  }
}
