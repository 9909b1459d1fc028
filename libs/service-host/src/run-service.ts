import type { SettingsSchema } from '@busbar/config';
import { createLogger, type HealthCheck, Metrics, startHealthServer } from '@busbar/observability';
import { durabilityWarnings } from '@busbar/persistence';
import { connectParts } from './connect-parts.js';
import { Lifecycle } from './lifecycle.js';
import type { ServiceParts } from './parts.js';
import { relayFacts } from './relay-facts.js';
import type { ServiceDefinition } from './service-definition.js';
import { readServiceSettings } from './settings.js';
import { startApplication } from './start-application.js';
import { reportStartFailure } from './start-failure.js';

/**
 * The whole of a service's `main.ts`: reads the settings, connects the stores, starts the NestJS application on the
 * bus, the background work and the health server, logs one line `ready` with its ports, and lives until a signal.
 * A failed start is logged and ends the process with 1.
 */
export async function runService<Own extends SettingsSchema = Record<never, never>>(
  definition: ServiceDefinition<Own>,
): Promise<void> {
  try {
    await start(definition);
  } catch (error) {
    reportStartFailure(createLogger({ app: definition.name, level: 'info' }), error);
    process.exit(1);
  }
}

async function start<Own extends SettingsSchema>(definition: ServiceDefinition<Own>): Promise<void> {
  const { settings, warnings } = readServiceSettings(definition.settings, process.env);
  const logger = createLogger({ app: definition.name, level: settings.logLevel });
  if (warnings.length > 0) logger.warn({ warnings }, 'variables that nothing here reads');
  const lifecycle = new Lifecycle(logger, (code) => process.exit(code));
  lifecycle.listen(settings.shutdownMs);

  const metrics = new Metrics();
  let started = false;
  const checks: Record<string, HealthCheck> = {
    [definition.name]: () => {
      if (lifecycle.stopping) throw new Error('stopping');
      if (!started) throw new Error('starting');
    },
  };
  const health = await startHealthServer({
    host: settings.listen,
    port: settings.healthPort,
    metrics,
    checks,
    logger,
  });
  lifecycle.add('health', () => health.close());

  const parts = await connectParts({ name: definition.name, settings, logger, metrics, checks }, lifecycle);
  await warnOfDurability(parts);
  await relayFacts(parts, lifecycle);
  const ports = { ...(await startApplication(definition, parts, lifecycle)), health: health.port };
  for (const work of definition.background?.(parts) ?? []) {
    await work.start();
    lifecycle.add(work.name, () => work.stop());
  }
  started = true;
  logger.info({ ports }, 'ready');
}

/** In production an operator should know what a commit is worth; a database that is away is readiness's matter. */
async function warnOfDurability<Own extends SettingsSchema>(parts: ServiceParts<Own>): Promise<void> {
  if (parts.settings.environment !== 'production') return;
  try {
    for (const warning of await durabilityWarnings(parts.database)) parts.logger.warn(warning);
  } catch (error) {
    parts.logger.warn({ err: error }, 'the durability of Postgres could not be checked');
  }
}
