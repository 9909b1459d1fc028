import type { Logger } from '@busbar/observability';

/**
 * Runs a piece of work again and again, `everyMs` after its last run has ended, so that a slow one never runs
 * twice at once. A failure is logged and the next run tries again.
 */
export class Periodic {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    readonly name: string,
    private readonly everyMs: number,
    private readonly work: () => Promise<void>,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.#schedule();
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#run();
    }, this.everyMs);
  }

  async #run(): Promise<void> {
    try {
      await this.work();
    } catch (error) {
      this.logger.warn({ err: error, work: this.name }, 'a periodic piece of work failed; the next run tries again');
    }
    this.#schedule();
  }
}
