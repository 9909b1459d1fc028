import { type Fact, streamName } from '@busbar/events';
import type { Logger } from '@busbar/observability';
import { AckPolicy, DeliverPolicy, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type Msg, nanos } from '@nats-io/transport-node';
import type { Bus } from '../bus.js';
import { decode } from '../json.js';
import { apiTimeoutMs, backOffMs, pause, untilConnected } from './back-off.js';
import { deliveryOf, pull } from './pull.js';
import { apiErrorCode, streamError } from './stream-error.js';

const batch = 32;
const expiresMs = 5000;
const ackWaitMs = 30_000;
const retryMaxMs = 30_000;
const repairMaxMs = 2000;
const consumerExists = 10_148;

export interface ConsumeFactsOptions {
  /** Names the reader: replicas with the same name share the facts, and its place survives all of them. */
  durable: string;
  /** One subject, from `bus.subjects.facts(…)`. A changed filter takes effect at the next start. */
  filter: string;
  handler: (fact: Fact, sequence: number) => Promise<void>;
  logger: Logger;
}

/**
 * Hands every fact to the handler, one after the other, at least once, from the oldest that the stream still has.
 * A handler that throws gets the fact again, after 0.25 s at first and 30 s at most, while the next ones go on: so
 * a failed fact is overtaken. Stopping finishes the facts that had come already, 32 at most. Lives through restarts of NATS and makes itself anew when its stream was.
 */
export async function consumeFacts(bus: Bus, options: ConsumeFactsOptions): Promise<{ stop(): Promise<void> }> {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(options.durable)) {
    throw new TypeError('the name of a consumer may hold letters, digits, _ and - only');
  }
  const consumer = new FactConsumer(
    bus,
    options,
    await jetstreamManager(bus.connection, { checkAPI: false, timeout: apiTimeoutMs }),
  );
  const done = consumer.run();
  return {
    stop: async () => {
      consumer.stop();
      await done;
    },
  };
}

class FactConsumer {
  readonly #ending = new AbortController();
  readonly #stream: string;

  constructor(
    private readonly bus: Bus,
    private readonly options: ConsumeFactsOptions,
    private readonly manager: JetStreamManager,
  ) {
    this.#stream = streamName(bus.prefix, 'FACTS');
  }

  stop(): void {
    this.#ending.abort();
  }

  /** Until stopped: make the consumer, pull from it, and when it is lost, after a pause, again. */
  async run(): Promise<void> {
    const { signal } = this.#ending;
    for (let failures = 0; !signal.aborted; ) {
      try {
        await untilConnected(this.bus, signal);
        await this.#ensure();
        while (!signal.aborted) {
          await this.#pullOnce();
          failures = 0;
        }
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        const { durable, logger } = this.options;
        logger.warn({ err: streamError(error, durable), durable, failures }, 'facts cannot be read; trying again');
        await pause(backOffMs(failures, repairMaxMs), signal);
      }
    }
  }

  async #ensure(): Promise<void> {
    const { durable, filter } = this.options;
    const config = {
      durable_name: durable,
      filter_subject: filter,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(ackWaitMs),
      max_deliver: -1,
      max_ack_pending: 1000,
    };
    try {
      await this.manager.consumers.add(this.#stream, config);
    } catch (error) {
      // Newer servers refuse to make what exists with another filter; older ones change it.
      if (apiErrorCode(error) !== consumerExists) throw error;
      await this.manager.consumers.update(this.#stream, durable, config);
    }
  }

  async #pullOnce(): Promise<void> {
    const messages = pull(this.bus, {
      stream: this.#stream,
      consumer: this.options.durable,
      batch,
      expiresMs,
      signal: this.#ending.signal,
    });
    for await (const message of messages) await this.#handle(message);
  }

  async #handle(message: Msg): Promise<void> {
    const { durable, handler, logger } = this.options;
    const { streamSequence, attempt } = deliveryOf(message);
    try {
      await handler(decode<Fact>(message.data), streamSequence);
    } catch (error) {
      const delayMs = backOffMs(attempt, retryMaxMs);
      logger.warn(
        { err: error, durable, sequence: streamSequence, attempt, delayMs },
        'a fact was not handled and comes again',
      );
      message.respond(`-NAK ${JSON.stringify({ delay: nanos(Math.round(delayMs)) })}`);
      return;
    }
    message.respond('+ACK');
  }
}
