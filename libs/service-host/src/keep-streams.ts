import { setTimeout as delay } from 'node:timers/promises';
import { type Bus, ensureStreams, type StreamLimits } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';

const firstTryMs = 5000;
const retryMs = 1000;

/**
 * Makes sure that the streams exist: now, and again after each reconnect, because a server that comes back may have
 * lost them. A failure is logged and tried again each second; billing does not wait for streams, so neither does
 * the start for longer than five seconds.
 */
export class StreamKeeper {
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #again = false;
  #forget: () => void = () => undefined;

  constructor(
    private readonly bus: Bus,
    private readonly limits: StreamLimits,
    private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    this.#forget = this.bus.onStatus((connected) => {
      if (connected) void this.#ensure();
    });
    await Promise.race([this.#ensure(), this.#pause(firstTryMs)]);
  }

  async stop(): Promise<void> {
    this.#forget();
    this.#stopping.abort();
    await this.#running;
  }

  /** One at a time; what is asked for meanwhile is done once more afterwards. */
  #ensure(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false;
      try {
        await ensureStreams(this.bus, this.limits, this.logger);
      } catch (error) {
        this.logger.warn({ err: error }, 'the streams could not be made; trying again');
        this.#again = true;
        await this.#pause(retryMs);
      }
    }
  }

  async #pause(timeMs: number): Promise<void> {
    // Stopping ends the pause early, which is the only way in which it can fail.
    await delay(timeMs, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => undefined);
  }
}
