import type { SettingsSchema } from '@busbar/config';
import { systemClock, TimeOrderedIds } from '@busbar/domain';
import { connectBus } from '@busbar/messaging';
import { measureEventLoopLag } from '@busbar/observability';
import { openDatabase } from '@busbar/persistence';
import type { Lifecycle } from './lifecycle.js';
import type { ServiceParts } from './parts.js';

/** What is known of a service before its stores are connected. */
export type EarlyParts<Own extends SettingsSchema> = Pick<
  ServiceParts<Own>,
  'name' | 'settings' | 'logger' | 'metrics' | 'checks'
>;

/** Opens the database and the bus, in this order, so that they are closed in the other: handlers need both. */
export async function connectParts<Own extends SettingsSchema>(
  early: EarlyParts<Own>,
  lifecycle: Lifecycle,
): Promise<ServiceParts<Own>> {
  const { name, logger, metrics, checks } = early;
  const { postgresUrl, postgresPoolMax, natsUrl, prefix } = early.settings;
  const lag = measureEventLoopLag(metrics);
  lifecycle.add('event loop lag', () => lag.close());

  const database = openDatabase({
    url: postgresUrl,
    applicationName: `busbar-${name}`,
    poolMax: postgresPoolMax,
    logger,
  });
  lifecycle.add('database', () => database.close());
  checks['database'] = () => database.ping();

  const bus = await connectBus({ url: natsUrl, name, prefix, logger, metrics });
  lifecycle.add('bus', () => bus.close());
  checks['bus'] = () => {
    if (!bus.connected) throw new Error('disconnected');
  };
  void bus.connection.closed().then((error) => {
    if (lifecycle.stopping) return;
    // The bus reconnects for ever, so this is the server's final word; a new process may fare better.
    logger.error({ err: error }, 'the bus was closed for good');
    void lifecycle.stop(1, early.settings.shutdownMs, 'bus closed');
  });
  return { ...early, database, bus, clock: systemClock, ids: new TimeOrderedIds() };
}
