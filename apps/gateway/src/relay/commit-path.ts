import type { Clock } from '@busbar/domain';

/**
 * Whether anything that stations say can be stored at all. It counts as away when no receipt at all has come for
 * 8 s although work is outstanding; the first receipt, also that of a probe, brings it back. DESIGN §2.
 */
export class CommitPath {
  /** Since when work is outstanding without a receipt; null when there is none. */
  #since: number | null = null;
  #away = false;

  constructor(
    private readonly clock: Clock,
    private readonly awayAfterMs: number,
    private readonly listener: { away(): void; back(): void },
  ) {}

  get away(): boolean {
    return this.#away;
  }

  /** A receipt came: something was committed. */
  receipt(nowMs: number): void {
    this.#since = nowMs;
    if (!this.#away) return;
    this.#away = false;
    this.listener.back();
  }

  /** Ten times a second, with the number of reports that wait for a receipt. */
  check(outstanding: number): void {
    const now = this.clock.monotonicMs();
    if (this.#away) return;
    if (outstanding === 0) this.#since = null;
    else this.#since ??= now;
    if (this.#since === null || now - this.#since < this.awayAfterMs) return;
    this.#away = true;
    this.listener.away();
  }
}
