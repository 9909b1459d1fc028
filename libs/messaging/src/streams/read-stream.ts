import { type Fact, type StreamName, streamName } from '@busbar/events';
import type { Logger } from '@busbar/observability';
import { AckPolicy, DeliverPolicy, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type Msg, nanos } from '@nats-io/transport-node';
import type { Bus } from '../bus.js';
import { BusError } from '../bus-error.js';
import { decode } from '../json.js';
import { apiTimeoutMs, backOffMs, pause, untilConnected } from './back-off.js';
import { deliveryOf, pull } from './pull.js';
import { streamError } from './stream-error.js';

const batch = 100;
const expiresMs = 5000;
/** The server forgets a reader that has not asked for this long; it is made anew from where it was. */
const inactiveMs = 30_000;
const repairMaxMs = 2000;

export interface ReadFactsOptions {
  /** One subject, wildcards allowed, from `bus.subjects`. */
  filter: string;
  /** The sequence of the last message that the reader has; 0 for all that the stream still holds. Absent: from now on. */
  after?: number;
  /** Ends the reading. */
  signal: AbortSignal;
  /** Told when the stream is away and reading has to wait. */
  logger?: Logger;
}

export interface ReadStreamOptions extends ReadFactsOptions {
  stream: StreamName;
}

/** A message and its place in the stream; give the last one as `after` to go on from there. */
export interface StreamedMessage<T> {
  sequence: number;
  message: T;
}

export interface FactAt {
  sequence: number;
  fact: Fact;
}

/** Facts in the order of the stream; see `readStream`. */
export async function* readFacts(bus: Bus, options: ReadFactsOptions): AsyncGenerator<FactAt, void, void> {
  for await (const { sequence, message } of readStream<Fact>(bus, { ...options, stream: 'FACTS' })) {
    yield { sequence, fact: message };
  }
}

/**
 * Messages in the order of the stream, each once, for a reader that keeps its own place. Waits for new ones for
 * ever. Lives through restarts of NATS; when the stream itself was lost and made anew, it begins at the new one's
 * start.
 */
export async function* readStream<T>(
  bus: Bus,
  options: ReadStreamOptions,
): AsyncGenerator<StreamedMessage<T>, void, void> {
  const manager = await jetstreamManager(bus.connection, { checkAPI: false, timeout: apiTimeoutMs });
  const stream = streamName(bus.prefix, options.stream);
  const { signal } = options;
  let after = options.after;
  for (let failures = 0; !signal.aborted; ) {
    let consumer: string | undefined;
    try {
      await untilConnected(bus, signal);
      after = await startAfter(manager, stream, after);
      consumer = await addReader(manager, stream, options.filter, after);
      for await (const message of messagesOf(bus, stream, consumer, signal)) {
        failures = 0;
        after = deliveryOf(message).streamSequence;
        const read = readMessage<T>(message, options.logger);
        if (read !== undefined) yield { sequence: after, message: read };
      }
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      const fields = { err: streamError(error, stream), stream: options.stream, failures };
      options.logger?.warn(fields, 'a stream cannot be read; trying again');
      await pause(backOffMs(failures, repairMaxMs), signal);
    } finally {
      if (consumer !== undefined) await removeReader(bus, manager, stream, consumer);
    }
  }
}

/** The place to start behind: as asked, unless the stream is younger than that. */
async function startAfter(manager: JetStreamManager, stream: string, after: number | undefined): Promise<number> {
  const { state } = await manager.streams.info(stream);
  if (after === undefined) return state.last_seq;
  return after > state.last_seq ? 0 : after;
}

async function addReader(manager: JetStreamManager, stream: string, filter: string, after: number): Promise<string> {
  const made = await manager.consumers.add(stream, {
    filter_subject: filter,
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: after + 1,
    inactive_threshold: nanos(inactiveMs),
    mem_storage: true,
    num_replicas: 1,
  });
  return made.name;
}

async function* messagesOf(
  bus: Bus,
  stream: string,
  consumer: string,
  signal: AbortSignal,
): AsyncGenerator<Msg, void, void> {
  let expected = 1;
  while (!signal.aborted) {
    for await (const message of pull(bus, { stream, consumer, batch, expiresMs, signal })) {
      if (signal.aborted) return;
      const { consumerSequence, streamSequence } = deliveryOf(message);
      // Without acknowledgements a message that was lost on the way does not come again by itself.
      if (consumerSequence !== expected) {
        throw new BusError('timeout', `messages before ${streamSequence} were lost on the way`);
      }
      expected += 1;
      yield message;
    }
  }
}

/** What cannot be read must not stop those behind it. */
export function readMessage<T>(message: Msg, logger: Logger | undefined): T | undefined {
  try {
    return decode<T>(message.data);
  } catch (error) {
    logger?.error({ err: error, subject: message.subject }, 'a message of a stream is left out');
    return undefined;
  }
}

/** Best effort: a reader that cannot be removed now is forgotten by the server after its time of inactivity. */
export async function removeReader(bus: Bus, manager: JetStreamManager, stream: string, consumer: string) {
  if (!bus.connected) return;
  await manager.consumers.delete(stream, consumer).catch(() => false);
}
