import type { Logger } from '@busbar/observability';
import type { Background } from '@busbar/service-host';

/**
 * Does a piece of work again and again, each time `intervalMs` after the last one ended, never twice at once. A
 * failure is logged, and the next turn comes all the same. Stopping waits for the turn that runs and then, for
 * work that holds something back, does one last turn.
 */
export class Repeating implements Background {
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    readonly name: string,
    private readonly intervalMs: number,
    private readonly work: () => Promise<void>,
    private readonly logger: Logger,
    private readonly options: { lastTurn: boolean } = { lastTurn: false },
  ) {}

  start(): void {
    this.#timer = setTimeout(() => {
      this.#turn = this.#run().then(() => {
        if (!this.#stopped) this.start();
      });
    }, this.intervalMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#turn;
    if (this.options.lastTurn) await this.#run();
  }

  async #run(): Promise<void> {
    try {
      await this.work();
    } catch (error) {
      this.logger.warn({ err: error, work: this.name }, 'a turn of background work failed; it is tried again');
    }
  }
}
