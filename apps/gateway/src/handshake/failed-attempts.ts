import type { Clock } from '@busbar/domain';

const windowMs = 60_000;
const addressesMax = 20_000;

interface Window {
  since: number;
  count: number;
}

/**
 * Counts failed authentications by remote address, never by identity: whoever guesses must not lock the station
 * out, and a right key always gets in, because only failures are ever refused by this count. DESIGN §8, §12.
 */
export class FailedAttempts {
  readonly #windows = new Map<string, Window>();

  constructor(
    private readonly clock: Clock,
    private readonly perMinute: number,
  ) {}

  /** Counts a failure; true when this address has had more than its share of them within a minute. */
  record(address: string): boolean {
    const now = this.clock.monotonicMs();
    let window = this.#windows.get(address);
    if (window === undefined || now - window.since >= windowMs) {
      window = { since: now, count: 0 };
      // Deleted first, so that the map stays in the order in which windows began.
      this.#windows.delete(address);
      this.#windows.set(address, window);
      this.#prune(now);
    }
    window.count += 1;
    return window.count > this.perMinute;
  }

  get addresses(): number {
    return this.#windows.size;
  }

  #prune(now: number): void {
    for (const [address, window] of this.#windows) {
      if (now - window.since < windowMs && this.#windows.size <= addressesMax) return;
      this.#windows.delete(address);
    }
  }
}
