import { type StreamName, streamName } from '@busbar/events';
import type { Logger } from '@busbar/observability';
import { AckPolicy, DeliverPolicy, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Bus } from '../bus.js';
import { BusError } from '../bus-error.js';
import { deliveryOf, pull } from './pull.js';
import { readMessage, removeReader, type StreamedMessage } from './read-stream.js';
import { streamError } from './stream-error.js';

const batchMax = 500;

export interface ReadHeldOptions {
  stream: StreamName;
  /** One subject, wildcards allowed, from `bus.subjects`. */
  filter: string;
  /** For the whole reading. */
  timeoutMs: number;
  /** Messages at most, the oldest first; 1000 unless given. */
  max?: number;
  logger?: Logger;
}

/**
 * What a stream holds now under a subject, oldest first. Throws `timeout` when it takes too long, `no-stream` when
 * there is no such stream, `disconnected`.
 */
export async function readHeld<T>(bus: Bus, options: ReadHeldOptions): Promise<StreamedMessage<T>[]> {
  if (!bus.connected) throw new BusError('disconnected', `${options.stream} cannot be read`);
  const stream = streamName(bus.prefix, options.stream);
  const signal = AbortSignal.timeout(options.timeoutMs);
  const manager = await jetstreamManager(bus.connection, { checkAPI: false, timeout: options.timeoutMs });
  let consumer: string | undefined;
  try {
    const made = await addReader(manager, stream, options);
    consumer = made.name;
    return await gather<T>(bus, { ...options, stream, consumer, wanted: made.wanted, signal });
  } catch (error) {
    throw streamError(error, `${options.stream} cannot be read`);
  } finally {
    if (consumer !== undefined) await removeReader(bus, manager, stream, consumer);
  }
}

async function addReader(
  manager: JetStreamManager,
  stream: string,
  options: ReadHeldOptions,
): Promise<{ name: string; wanted: number }> {
  const made = await manager.consumers.add(stream, {
    filter_subject: options.filter,
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.All,
    inactive_threshold: nanos(options.timeoutMs),
    mem_storage: true,
    num_replicas: 1,
  });
  return { name: made.name, wanted: Math.min(made.num_pending, options.max ?? 1000) };
}

interface Gathering {
  stream: string;
  consumer: string;
  wanted: number;
  timeoutMs: number;
  signal: AbortSignal;
  logger?: Logger;
}

async function gather<T>(bus: Bus, options: Gathering): Promise<StreamedMessage<T>[]> {
  const { stream, consumer, wanted, timeoutMs, signal, logger } = options;
  const held: StreamedMessage<T>[] = [];
  for (let seen = 0; seen < wanted; ) {
    const batch = Math.min(batchMax, wanted - seen);
    const before = seen;
    for await (const message of pull(bus, { stream, consumer, batch, expiresMs: timeoutMs, signal, noWait: true })) {
      seen += 1;
      const read = readMessage<T>(message, logger);
      if (read !== undefined) held.push({ sequence: deliveryOf(message).streamSequence, message: read });
    }
    if (signal.aborted) throw new BusError('timeout', `${seen} of ${wanted} messages in ${timeoutMs} ms`);
    // What was counted at the start and has aged out since does not come any more.
    if (seen === before) break;
  }
  return held;
}
