import type { Clock } from '@busbar/domain';

const slotMs = 10;
const slots = 32;

/**
 * Runs things a little later, up to 300 ms, to within 10 ms. One timer for all, and none while nothing waits: a
 * flood must not cost a timer per message.
 */
export class DelayLine<T> {
  readonly #slots: T[][] = Array.from({ length: slots }, () => []);
  #position = 0;
  #count = 0;
  #timer: NodeJS.Timeout | null = null;
  #tickedAt = 0;

  constructor(
    private readonly clock: Clock,
    private readonly run: (item: T) => void,
  ) {}

  add(item: T, delayMs: number): void {
    const ahead = Math.min(slots - 1, Math.max(1, Math.ceil(delayMs / slotMs)));
    this.#slots[(this.#position + ahead) % slots]?.push(item);
    this.#count += 1;
    if (this.#timer !== null) return;
    this.#tickedAt = this.clock.monotonicMs();
    this.#timer = setInterval(this.#tick, slotMs);
  }

  get waiting(): number {
    return this.#count;
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    for (const slot of this.#slots) slot.length = 0;
    this.#count = 0;
  }

  /** A late timer catches up, so that a busy loop does not stretch every delay. */
  readonly #tick = (): void => {
    const now = this.clock.monotonicMs();
    const steps = Math.min(slots, Math.max(1, Math.floor((now - this.#tickedAt) / slotMs)));
    this.#tickedAt = now;
    for (let step = 0; step < steps; step += 1) {
      this.#position = (this.#position + 1) % slots;
      const due = this.#slots[this.#position] ?? [];
      if (due.length === 0) continue;
      this.#slots[this.#position] = [];
      this.#count -= due.length;
      for (const item of due) this.run(item);
    }
    if (this.#count === 0 && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  };
}
