import type { Clock } from '@busbar/domain';

/** Something that is done again and again. */
export interface Chore {
  everyMs: number;
  run(nowMs: number): void;
}

/** The gateway's timers: one per chore, none per station. */
export class Upkeep {
  readonly #timers: NodeJS.Timeout[];

  constructor(clock: Clock, chores: readonly Chore[]) {
    this.#timers = chores.map(({ everyMs, run }) => setInterval(() => run(clock.monotonicMs()), everyMs));
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}
