import { ConfigError, readSettings } from '@busbar/config';
import { RedisDirectory } from '@busbar/directory';
import { systemClock, TimeOrderedIds } from '@busbar/domain';
import { BusError, connectBus } from '@busbar/messaging';
import {
  createLogger,
  type HealthServer,
  type HealthServerOptions,
  Metrics,
  startHealthServer,
} from '@busbar/observability';
import { descriptorLimit, stationsAllowed } from './descriptors.js';
import { fittingFrames } from './fitting-frames.js';
import { Gateway } from './gateway.js';
import type { Engine } from './handshake/listener.js';
import { gatewaySettings } from './settings.js';
import { StartFailure } from './start-failure.js';

const drainMsMax = 29_000;

/** The engine is an optional dependency of its package: an installation without it succeeds and says nothing. */
async function loadEngine(): Promise<Engine> {
  try {
    return (await import('uWebSockets.js')).default;
  } catch (cause) {
    const here = `${process.platform}-${process.arch}, Node.js ${process.versions.node}`;
    throw new StartFailure(
      `uWebSockets.js has no native binary for ${here}: use Node.js 22 on Linux (glibc), macOS or Windows and install again without --omit=optional.`,
      { cause },
    );
  }
}

async function startHealth(options: HealthServerOptions): Promise<HealthServer> {
  try {
    return await startHealthServer(options);
  } catch (cause) {
    const busy = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    if (!busy) throw cause;
    throw new StartFailure(`The health port ${options.port} is in use; BUSBAR_HEALTH_PORT chooses another one.`, {
      cause,
    });
  }
}

async function start(): Promise<void> {
  const { settings: wanted, warnings } = readSettings(gatewaySettings, process.env);
  const logger = createLogger({ app: 'gateway', level: wanted.logLevel });
  if (warnings.length > 0) logger.warn({ warnings }, 'variables that nothing here reads');
  const engine = await loadEngine();
  const stationsMax = stationsAllowed(wanted.stationsMax, descriptorLimit(), logger);
  const metrics = new Metrics();
  const ids = new TimeOrderedIds();
  const id = ids.next<'gateway'>();

  const { natsUrl, redisUrl, prefix } = wanted;
  const bus = await connectBus({ url: natsUrl, name: `gateway ${id}`, prefix, logger, metrics });
  const settings = { ...wanted, frameBytesMax: fittingFrames(wanted.frameBytesMax, bus.maxPayloadBytes, logger) };
  const directory = new RedisDirectory({ url: redisUrl, prefix, logger });
  const clock = systemClock;
  const gateway = new Gateway({ id, settings, stationsMax, engine, bus, directory, clock, ids, logger, metrics });

  let stopping = false;
  const checks = {
    gateway: () => gateway.check(),
    bus: () => {
      if (!bus.connected) throw new Error('disconnected');
    },
  };
  const health = await startHealth({ host: settings.listen, port: settings.healthPort, metrics, checks, logger });
  const stations = await gateway.listen();
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'draining');
    setTimeout(() => {
      logger.error('draining took too long');
      process.exit(1);
    }, drainMsMax).unref();
    await gateway.drain();
    await directory.close();
    await bus.close();
    await health.close();
    logger.info('stopped');
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
  void bus.connection.closed().then((error) => {
    if (stopping) return;
    // The bus reconnects for ever, so this is the server's final word; a new process may fare better.
    logger.error({ err: error }, 'the bus was closed for good');
    process.exit(1);
  });
  logger.info({ ports: { stations, health: health.port }, gateway: id }, 'ready');
}

/** What a person can act on is one sentence; everything else keeps its stack. */
function explain(error: unknown): { sentence: string; err?: unknown } {
  if (error instanceof StartFailure) return { sentence: error.message };
  if (error instanceof ConfigError) return { sentence: error.problems.join('; ') };
  if (error instanceof BusError) return { sentence: `NATS is not to be reached: ${error.message}` };
  return { sentence: 'the gateway could not be started', err: error };
}

function fatal(what: string): (error: unknown) => void {
  return (error) => {
    createLogger({ app: 'gateway', level: 'info' }).error({ err: error }, what);
    process.exit(1);
  };
}

process.on('uncaughtException', fatal('an error that nobody caught'));
process.on('unhandledRejection', fatal('a rejection that nobody handled'));

try {
  await start();
} catch (error) {
  const { sentence, ...fields } = explain(error);
  createLogger({ app: 'gateway', level: 'info' }).error(fields, sentence);
  process.exit(1);
}
