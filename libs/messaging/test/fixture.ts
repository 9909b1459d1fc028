import { TimeOrderedIds } from '@busbar/domain';
import { streamName, streamNames } from '@busbar/events';
import { createLogger, type Logger, type Metrics } from '@busbar/observability';
import { jetstreamManager } from '@nats-io/jetstream';
import { onTestFinished } from 'vitest';
import { type Bus, connectBus, ensureStreams } from '../src/index.js';

const ids = new TimeOrderedIds();

export function natsUrl(): string {
  const url = process.env['BUSBAR_TEST_NATS_URL'];
  if (url === undefined) throw new Error('BUSBAR_TEST_NATS_URL names no NATS server');
  return url;
}

export const silent: Logger = createLogger({ app: 'test', level: 'silent' });

/** A logger and the lines that it wrote. */
export function recordingLogger(): { logger: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>);
  return { logger: createLogger({ app: 'test', level: 'debug', destination: { write } }), lines };
}

export function newPrefix(): string {
  return `t${ids.next()}`;
}

/** A bus of the test's own, closed at its end. */
export async function openBus(
  options: { url?: string; prefix?: string; logger?: Logger; metrics?: Metrics } = {},
): Promise<Bus> {
  const bus = await connectBus({
    url: options.url ?? natsUrl(),
    name: 'test',
    prefix: options.prefix ?? newPrefix(),
    logger: options.logger ?? silent,
    ...(options.metrics ? { metrics: options.metrics } : {}),
  });
  onTestFinished(() => bus.close());
  return bus;
}

export const smallLimits = { factsBytesMax: 2 ** 22, readingsBytesMax: 2 ** 22, framesBytesMax: 2 ** 22, replicas: 1 };

/** The three streams, small, removed at the end of the test. */
export async function openStreams(bus: Bus): Promise<void> {
  await ensureStreams(bus, smallLimits);
  onTestFinished(() => removeStreams(bus.prefix));
}

async function removeStreams(prefix: string): Promise<void> {
  const bus = await connectBus({ url: natsUrl(), name: 'test', prefix, logger: silent });
  const manager = await jetstreamManager(bus.connection, { checkAPI: false });
  await Promise.all(streamNames.map((name) => manager.streams.delete(streamName(prefix, name)).catch(() => undefined)));
  await bus.close();
}

/** Waits for a condition, and says which when it does not come. */
export async function until(reason: string, condition: () => boolean, timeoutMs: number = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`it did not happen in ${timeoutMs} ms: ${reason}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A promise and the key to it. */
export function gate(): { opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
