import { type AskContext, type AskReply, type Operation, ProblemError, type Subjects, subjects } from '@busbar/events';
import type { Counter, Logger, Metrics } from '@busbar/observability';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Bus, Served, ServeOptions, Subscription } from './bus.js';
import { BusError } from './bus-error.js';
import { decode, encode } from './json.js';
import { Outbound } from './outbound.js';
import { Replies } from './replies.js';
import { SubjectServer } from './serve.js';

const askTimeoutMs = 5000;
const closeTimeoutMs = 2000;

/** The bus over one NATS connection. Made by `connectBus`. */
export class NatsBus implements Bus {
  readonly subjects: Subjects;
  readonly #outbound: Outbound;
  readonly #replies: Replies;
  readonly #listeners = new Set<(connected: boolean) => void>();
  readonly #requests: Counter;
  readonly #unanswered: Counter;
  #connected = true;
  #closing: Promise<void> | undefined;

  constructor(
    readonly connection: NatsConnection,
    readonly prefix: string,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.subjects = subjects(prefix);
    this.#outbound = new Outbound(
      connection,
      () => this.connected,
      () => this.#closing !== undefined,
    );
    this.#replies = new Replies(connection);
    this.#requests = metrics.counter({
      name: 'busbar_bus_requests_total',
      help: 'Requests sent on the bus, by how they ended',
      labels: ['outcome'],
    });
    this.#unanswered = metrics.counter({
      name: 'busbar_bus_unanswered_total',
      help: 'Messages that a handler of this process left unanswered, by reason',
      labels: ['reason'],
    });
    metrics.gauge({
      name: 'busbar_bus_connected',
      help: '1 while connected to NATS',
      read: () => (this.connected ? 1 : 0),
    });
    metrics.gauge({
      name: 'busbar_bus_outstanding_requests',
      help: 'Requests that wait for an answer',
      read: () => this.#replies.outstanding,
    });
    void this.#watch();
  }

  get connected(): boolean {
    return this.#connected && !this.connection.isClosed();
  }

  get maxPayloadBytes(): number {
    return this.#outbound.maxPayloadBytes;
  }

  publish(subject: string, message: object): void {
    this.#outbound.send(subject, encode(message));
  }

  async request<T>(subject: string, message: object, options: { timeoutMs: number }): Promise<T> {
    try {
      const payload = encode(message);
      const send = (reply: string) => this.#outbound.send(subject, payload, reply);
      const answer = decode<T>((await this.#replies.one(send, subject, options.timeoutMs)).data);
      this.#requests.inc({ outcome: 'answered' });
      return answer;
    } catch (error) {
      this.#requests.inc({ outcome: error instanceof BusError ? error.code : 'failed' });
      throw error;
    }
  }

  async requestMany<T>(subject: string, message: object, options: { timeoutMs: number; max?: number }): Promise<T[]> {
    const payload = encode(message);
    const send = (reply: string) => this.#outbound.send(subject, payload, reply);
    const max = options.max ?? Number.POSITIVE_INFINITY;
    const answers = await this.#replies.many(send, options.timeoutMs, max);
    return answers.map((answer) => decode<T>(answer.data));
  }

  async ask<Q, A>(
    operation: Operation<Q, A>,
    request: Q,
    context: AskContext,
    options: { timeoutMs?: number } = {},
  ): Promise<A> {
    const subject = this.subjects.ask(operation.name);
    const timeoutMs = options.timeoutMs ?? askTimeoutMs;
    const reply = await this.request<AskReply<A>>(subject, { context, request }, { timeoutMs });
    if ('problem' in reply) throw new ProblemError(reply.problem);
    return reply.answer;
  }

  subscribe<T>(
    subject: string,
    handler: (message: T, subject: string) => void,
    options: { queue?: string } = {},
  ): Subscription {
    const subscription = this.connection.subscribe(subject, {
      ...options,
      callback: (refused, message) => {
        try {
          if (refused) throw refused;
          handler(decode<T>(message.data), message.subject);
        } catch (error) {
          this.logger.error({ err: error, subject }, 'a message could not be handled');
        }
      },
    });
    return { stop: () => subscription.unsubscribe() };
  }

  serve<T>(subject: string, handler: (message: T) => Promise<object>, options: ServeOptions = {}): Served {
    const parts = {
      connection: this.connection,
      logger: this.logger,
      reply: (to: string, answer: object) => this.#outbound.send(to, encode(answer)),
      unanswered: (reason: string) => this.#unanswered.inc({ reason }),
    };
    return new SubjectServer<T>(parts, subject, handler, options);
  }

  onStatus(listener: (connected: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#replies.failAll('closed');
    if (this.connected) await withinTime(this.connection.drain(), closeTimeoutMs, this.logger);
    await this.connection.close();
  }

  /** Follows the connection for as long as it lives. */
  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect') this.#changed(false);
      else if (status.type === 'reconnect') this.#changed(true);
      else if (status.type === 'error') this.logger.warn({ err: status.error }, 'the bus reports an error');
    }
    this.#replies.failAll('closed');
    this.#changed(false);
  }

  #changed(connected: boolean): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    if (connected) this.#outbound.connectedAgain();
    else this.#replies.failAll('disconnected');
    if (this.#closing === undefined) {
      if (connected) this.logger.info('the bus is connected again');
      else this.logger.warn('the bus is disconnected');
    }
    for (const listener of [...this.#listeners]) {
      try {
        listener(connected);
      } catch (error) {
        this.logger.error({ err: error }, 'a listener to the state of the bus failed');
      }
    }
  }
}

/** Waits for work that must not hold up the closing of the bus. */
async function withinTime(work: Promise<void>, timeMs: number, logger: Logger): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeMs);
  });
  const done = work.catch((error: unknown) => logger.warn({ err: error }, 'the bus could not be drained'));
  await Promise.race([done, late]);
  clearTimeout(timer);
}
