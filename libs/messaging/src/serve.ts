import type { Logger } from '@busbar/observability';
import type { Msg, NatsConnection, Subscription as NatsSubscription } from '@nats-io/transport-node';
import type { Served, ServeOptions } from './bus.js';
import { decode } from './json.js';

interface Waiting {
  message: Msg;
  sinceMs: number;
}

/** What serving needs from the bus. */
export interface ServeParts {
  connection: NatsConnection;
  logger: Logger;
  /** Answers a message; throws `BusError`. */
  reply(to: string, answer: object): void;
  /** Counts a message that was left unanswered. */
  unanswered(reason: 'too-many' | 'stale' | 'failed' | 'bad-message'): void;
}

/** Serves one subject: bounded handlers, bounded waiting, everything beyond that is left to the asker's retry. */
export class SubjectServer<T> implements Served {
  readonly #subscription: NatsSubscription;
  readonly #waiting: Waiting[] = [];
  readonly #concurrencyMax: number;
  readonly #waitingMax: number;
  readonly #staleAfterMs: number;
  #running = 0;
  #dropped = 0;
  #stopped: Promise<void> | undefined;
  #idle: (() => void) | undefined;

  constructor(
    private readonly parts: ServeParts,
    private readonly subject: string,
    private readonly handler: (message: T) => Promise<object>,
    private readonly options: ServeOptions,
  ) {
    this.#concurrencyMax = options.concurrencyMax ?? 64;
    this.#waitingMax = options.waitingMax ?? 1024;
    this.#staleAfterMs = options.staleAfterMs ?? 10_000;
    this.#subscription = parts.connection.subscribe(subject, {
      ...(options.queue === undefined ? {} : { queue: options.queue }),
      callback: (error, message) => {
        if (error) parts.logger.error({ err: error, subject }, 'the bus refused a subscription');
        else this.#take(message);
      },
    });
  }

  get dropped(): number {
    return this.#dropped;
  }

  get running(): number {
    return this.#running;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#drain();
    return this.#stopped;
  }

  async #drain(): Promise<void> {
    try {
      await this.#subscription.drain();
    } catch (error) {
      // The connection was closed before us: no message can come any more, which is all that was wanted.
      this.parts.logger.debug({ err: error, subject: this.subject }, 'a subscription was closed already');
    }
    if (this.#running === 0 && this.#waiting.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  #take(message: Msg): void {
    if (this.#running < this.#concurrencyMax) {
      void this.#handle(message);
    } else if (this.#waiting.length < this.#waitingMax) {
      this.#waiting.push({ message, sinceMs: performance.now() });
    } else {
      this.#drop('too-many');
    }
  }

  #drop(reason: 'too-many' | 'stale'): void {
    this.#dropped += 1;
    this.parts.unanswered(reason);
  }

  /** Never rejects: every failure ends in a reply, or in silence and a log line. */
  async #handle(message: Msg): Promise<void> {
    this.#running += 1;
    try {
      await this.#answer(message);
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  async #answer(message: Msg): Promise<void> {
    let question: T;
    try {
      question = decode<T>(message.data);
    } catch (error) {
      this.parts.unanswered('bad-message');
      this.parts.logger.warn({ err: error, subject: this.subject }, 'a message is no JSON and stays unanswered');
      return;
    }
    const reply = message.reply ?? '';
    try {
      const answer = await this.handler(question);
      if (reply !== '') this.parts.reply(reply, answer);
    } catch (error) {
      this.#fail(reply, error);
    }
  }

  #fail(reply: string, error: unknown): void {
    try {
      const instead = this.options.failed?.(error);
      if (instead !== undefined && reply !== '') {
        this.parts.reply(reply, instead);
        return;
      }
    } catch (second) {
      this.parts.logger.warn({ err: second, subject: this.subject }, 'a failure could not be answered');
    }
    this.parts.unanswered('failed');
    this.parts.logger.warn({ err: error, subject: this.subject }, 'a message failed and stays unanswered');
  }

  #next(): void {
    const oldestMs = performance.now() - this.#staleAfterMs;
    while (this.#running < this.#concurrencyMax) {
      const waiting = this.#waiting.shift();
      if (!waiting) break;
      if (waiting.sinceMs < oldestMs) this.#drop('stale');
      else void this.#handle(waiting.message);
    }
    if (this.#running === 0 && this.#waiting.length === 0) this.#idle?.();
  }
}
