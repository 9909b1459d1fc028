import { readSettings } from '@busbar/config';
import { createLogger } from '@busbar/observability';
import { migrate } from '@busbar/persistence';
import { directUrl, serviceSettings } from './settings.js';
import { reportStartFailure } from './start-failure.js';

export interface MigrationsOptions {
  schema: string;
  /** The folder of the service's SQL files. */
  directory: URL;
}

/** The whole of a service's `migrate.ts`: brings its schema up to date, or says why not and ends with 1. */
export async function runMigrations(options: MigrationsOptions): Promise<void> {
  const app = `${options.schema}-migrate`;
  try {
    const { postgresUrl, postgresDirectUrl, logLevel } = serviceSettings;
    const { settings } = readSettings({ postgresUrl, postgresDirectUrl, logLevel }, process.env);
    const logger = createLogger({ app, level: settings.logLevel });
    const applied = await migrate({ ...options, url: directUrl(settings), logger });
    logger.info({ schema: options.schema, applied: applied.length }, 'migrated');
  } catch (error) {
    reportStartFailure(createLogger({ app, level: 'info' }), error);
    process.exitCode = 1;
  }
}
