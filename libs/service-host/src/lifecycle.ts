import type { Logger } from '@busbar/observability';

/** Something that was started and must be stopped. */
export interface Stoppable {
  name: string;
  stop(): Promise<void> | void;
}

/**
 * The end of a process: on SIGTERM or SIGINT everything is stopped in the reverse order of its start and the
 * process exits 0; when that takes longer than `timeoutMs`, it says what hangs and exits 1. What nobody caught is
 * logged and ends the process with 1.
 */
export class Lifecycle {
  readonly #started: Stoppable[] = [];
  #stopping = false;

  constructor(
    private readonly logger: Logger,
    private readonly exit: (code: number) => void,
  ) {}

  get stopping(): boolean {
    return this.#stopping;
  }

  /** To be stopped before everything that was added earlier. */
  add(name: string, stop: () => Promise<void> | void): void {
    this.#started.push({ name, stop });
  }

  /** Listens to the process's signals. A second signal changes nothing: the first stop has its own deadline. */
  listen(timeoutMs: number): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => void this.stop(0, timeoutMs, signal));
    }
    const fatal = (what: string) => (error: unknown) => {
      this.logger.error({ err: error }, what);
      this.exit(1);
    };
    process.on('uncaughtException', fatal('an error that nobody caught'));
    process.on('unhandledRejection', fatal('a rejection that nobody handled'));
  }

  /** Stops everything, then exits with the code. */
  async stop(code: number, timeoutMs: number, reason: string): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.logger.info({ reason }, 'stopping');
    let current = '';
    const deadline = setTimeout(() => {
      this.logger.error({ part: current, timeoutMs }, 'stopping took too long');
      this.exit(1);
    }, timeoutMs);
    let failed = false;
    for (const one of this.#started.reverse()) {
      current = one.name;
      try {
        await one.stop();
      } catch (error) {
        failed = true;
        this.logger.error({ err: error, part: one.name }, 'a part could not be stopped');
      }
    }
    clearTimeout(deadline);
    this.logger.info('stopped');
    this.exit(failed ? 1 : code);
  }
}
