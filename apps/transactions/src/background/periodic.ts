import type { Logger } from '@busbar/observability';

export interface PeriodicOptions {
  name: string;
  everyMs: number;
  /** After a failure. */
  retryMs: number;
  run: () => Promise<void>;
  logger: Logger;
}

/** Work that is done once at the start and then again and again, never twice at the same time. */
export class Periodic {
  readonly name: string;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(private readonly options: PeriodicOptions) {
    this.name = options.name;
  }

  /** Resolves when the first turn is over. A failure is logged and tried again; it never fails the start. */
  start(): Promise<void> {
    this.#running = this.#turn();
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #turn(): Promise<void> {
    const { run, everyMs, retryMs, logger, name } = this.options;
    let waitMs = everyMs;
    try {
      await run();
    } catch (error) {
      waitMs = retryMs;
      logger.error({ err: error, work: name, retryMs }, 'background work failed and will be tried again');
    }
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#turn();
    }, waitMs);
  }
}
