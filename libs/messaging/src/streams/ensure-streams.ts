import { type StreamName, type Subjects, streamName, streamNames } from '@busbar/events';
import type { Logger } from '@busbar/observability';
import {
  DiscardPolicy,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Bus } from '../bus.js';
import { apiErrorCode, streamError, streamNotFound } from './stream-error.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const framesPerStation = 500;
const streamNameInUse = 10_058;
const insufficientStorage = 10_047;
const smallestBytes = 1024 * 1024;

/** How much the streams may hold. The server sets the space aside, so the sum must fit its disk. */
export interface StreamLimits {
  factsBytesMax: number;
  readingsBytesMax: number;
  framesBytesMax: number;
  /** 1 on a single server, 3 in a cluster. */
  replicas: number;
}

/**
 * Makes the three streams, or brings those that exist to the given limits. Any number of processes may call it at
 * once. A server without room for a stream gets a smaller one, with a log line. Throws `BusError`.
 */
export async function ensureStreams(bus: Bus, limits: StreamLimits, logger?: Logger): Promise<void> {
  try {
    const manager = await jetstreamManager(bus.connection, { checkAPI: false });
    for (const name of streamNames) await ensureStream(manager.streams, configOf(name, bus, limits), logger);
  } catch (error) {
    throw streamError(error, 'the streams could not be made');
  }
}

type StreamMaker = Pick<JetStreamManager['streams'], 'add' | 'update'>;
export type StreamShape = Partial<StreamConfig> & { name: string; subjects: string[]; max_bytes: number };

function configOf(name: StreamName, bus: Bus, limits: StreamLimits): StreamShape {
  return {
    name: streamName(bus.prefix, name),
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    storage: StorageType.File,
    num_replicas: limits.replicas,
    ...contentOf(name, bus.subjects, limits),
  };
}

function contentOf(name: StreamName, subjects: Subjects, limits: StreamLimits) {
  switch (name) {
    case 'FACTS':
      return { subjects: [subjects.allFacts()], max_bytes: limits.factsBytesMax, max_age: nanos(7 * dayMs) };
    case 'READINGS':
      return { subjects: [subjects.allReadings()], max_bytes: limits.readingsBytesMax, max_age: nanos(7 * dayMs) };
    case 'FRAMES':
      return {
        subjects: [subjects.allFrames()],
        max_bytes: limits.framesBytesMax,
        max_age: nanos(dayMs),
        max_msgs_per_subject: framesPerStation,
      };
  }
}

/** Updates the stream, or makes it; a server without the room is given smaller and smaller ones. */
export async function ensureStream(streams: StreamMaker, config: StreamShape, logger?: Logger): Promise<void> {
  try {
    await streams.update(config.name, config);
  } catch (error) {
    const code = apiErrorCode(error);
    if (code === streamNotFound) await addStream(streams, config, logger);
    else if (code === insufficientStorage) {
      logger?.warn({ stream: config.name, bytesMax: config.max_bytes }, 'the server has no room to enlarge a stream');
    } else throw error;
  }
}

async function addStream(streams: StreamMaker, config: StreamShape, logger?: Logger): Promise<void> {
  try {
    await streams.add(config);
  } catch (error) {
    const code = apiErrorCode(error);
    // Another process was faster, with other limits.
    if (code === streamNameInUse) {
      await streams.update(config.name, config);
    } else if (code === insufficientStorage && config.max_bytes >= 2 * smallestBytes) {
      const smaller = { ...config, max_bytes: Math.floor(config.max_bytes / 2) };
      logger?.warn(
        { stream: config.name, bytesMax: smaller.max_bytes },
        'the server has no room; a stream is made smaller',
      );
      await addStream(streams, smaller, logger);
    } else throw error;
  }
}
