import type { Clock } from '@busbar/domain';
import type { ConnectAttempt, ConnectResult } from '@busbar/events';
import { BusError } from '@busbar/messaging';
import type { Logger } from '@busbar/observability';

export interface AuthenticatorOptions {
  attemptsMax: number;
  /** How long the first attempt of a batch waits for others while an earlier batch is on its way. */
  waitMs: number;
  inFlightMax: number;
  /** Of one request; then it is sent again, to whichever replica takes it. */
  timeoutMs: number;
  pauseMs: number;
}

const authenticatorOptions: AuthenticatorOptions = {
  attemptsMax: 100,
  waitMs: 2,
  inFlightMax: 4,
  timeoutMs: 1500,
  pauseMs: 200,
};

interface Waiting {
  readonly attempt: ConnectAttempt;
  /** Monotonic. */
  readonly deadline: number;
  readonly resolve: (result: ConnectResult | null) => void;
}

export type AskStations = (attempts: ConnectAttempt[], timeoutMs: number) => Promise<ConnectResult[]>;

/**
 * Asks who a station is, many at a time: the reconnecting stations of a whole gateway are a few dozen requests.
 * Retries until the deadline of each; an attempt that spoils its batch is found by halving it.
 */
export class Authenticator {
  #waiting: Waiting[] = [];
  #inFlight = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly ask: AskStations,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly options: AuthenticatorOptions = authenticatorOptions,
  ) {}

  /** The result, or null when there was none by the deadline (monotonic). Never rejects. */
  authenticate(attempt: ConnectAttempt, deadline: number): Promise<ConnectResult | null> {
    return new Promise((resolve) => {
      this.#waiting.push({ attempt, deadline, resolve });
      if (this.#waiting.length >= this.options.attemptsMax) this.#flush();
      else this.#timer ??= setTimeout(this.#flush, this.#inFlight === 0 ? 0 : this.options.waitMs);
    });
  }

  readonly #flush = (): void => {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    while (this.#inFlight < this.options.inFlightMax && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.options.attemptsMax);
      this.#inFlight += 1;
      void this.#carry(batch).finally(() => {
        this.#inFlight -= 1;
        if (this.#waiting.length > 0) this.#timer ??= setTimeout(this.#flush, 0);
      });
    }
  };

  async #carry(batch: Waiting[]): Promise<void> {
    let waiting = batch;
    while (waiting.length > 0) {
      const now = this.clock.monotonicMs();
      waiting = waiting.filter((one) => !over(one, now));
      const last = waiting.at(-1);
      if (last === undefined) return;
      try {
        const timeoutMs = Math.max(1, Math.min(this.options.timeoutMs, last.deadline - now));
        const results = await this.ask(
          waiting.map((one) => one.attempt),
          timeoutMs,
        );
        if (results.length !== waiting.length) throw new Error(`${results.length} results for ${waiting.length}`);
        waiting.forEach((one, at) => one.resolve(results[at] ?? null));
        return;
      } catch (error) {
        if (await this.#failed(waiting, error)) return;
      }
    }
  }

  /** True when the batch was taken apart. A service that was reached and failed may fail because of one attempt. */
  async #failed(waiting: Waiting[], error: unknown): Promise<boolean> {
    const reached = !(error instanceof BusError);
    this.logger[reached ? 'warn' : 'debug']({ err: error, attempts: waiting.length }, 'stations could not be asked');
    if (reached && waiting.length > 1) {
      const half = Math.ceil(waiting.length / 2);
      await Promise.all([this.#carry(waiting.slice(0, half)), this.#carry(waiting.slice(half))]);
      return true;
    }
    if (!(error instanceof BusError && error.code === 'timeout')) {
      await new Promise((resolve) => setTimeout(resolve, this.options.pauseMs));
    }
    return false;
  }
}

function over(waiting: Waiting, now: number): boolean {
  if (waiting.deadline > now) return false;
  waiting.resolve(null);
  return true;
}
