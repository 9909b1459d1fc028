import {
  ConfigError,
  choice,
  flag,
  integer,
  port,
  readSettings,
  type SettingsOf,
  type SettingsSchema,
  text,
  url,
} from '@busbar/config';
import { logLevels } from '@busbar/observability';

/** The settings that every service has. */
export const serviceSettings = {
  environment: choice({
    env: 'BUSBAR_ENVIRONMENT',
    options: ['development', 'production'],
    default: 'production',
    why: 'what is only for tests must be asked for',
  }),
  listen: text({
    env: 'BUSBAR_LISTEN',
    default: '127.0.0.1',
    why: 'the address to listen on; nothing is reachable from outside unless it was asked for',
  }),
  healthPort: port({ env: 'BUSBAR_HEALTH_PORT', default: 0, why: 'health and metrics; 0 takes any free port' }),
  logLevel: choice({
    env: 'BUSBAR_LOG_LEVEL',
    options: logLevels,
    default: 'info',
    why: 'info tells what an operator acts on',
  }),
  postgresUrl: url({
    env: 'BUSBAR_POSTGRES_URL',
    schemes: ['postgres', 'postgresql'],
    why: 'the database with the schema of this service',
  }),
  postgresDirectUrl: url({
    env: 'BUSBAR_POSTGRES_DIRECT_URL',
    schemes: ['postgres', 'postgresql'],
    default: '',
    why: 'the same as BUSBAR_POSTGRES_URL; needed where that one leads to a pooler that shares sessions',
  }),
  postgresPoolMax: integer({
    env: 'BUSBAR_POSTGRES_POOL_MAX',
    default: 10,
    min: 2,
    max: 200,
    unit: 'connections',
    why: 'ten connections keep two cores of Postgres busy; replicas multiply it',
  }),
  natsUrl: url({
    env: 'BUSBAR_NATS_URL',
    schemes: ['nats', 'tls'],
    default: 'nats://127.0.0.1:4222',
    why: 'where NATS listens unless it is told otherwise',
  }),
  prefix: text({
    env: 'BUSBAR_PREFIX',
    default: 'busbar',
    why: 'first part of every subject; keeps installations that share a server apart',
  }),
  fault: text({
    env: 'BUSBAR_FAULT',
    default: '',
    why: 'none; the point at which a test wants this process to die, refused in production',
  }),
  shutdownMs: integer({
    env: 'BUSBAR_SHUTDOWN_MS',
    default: 10_000,
    min: 1000,
    max: 120_000,
    unit: 'ms',
    why: 'less than the 30 s after which Kubernetes kills; what still runs then is cut off',
  }),
  streamReplicas: integer({
    env: 'BUSBAR_STREAM_REPLICAS',
    default: 1,
    min: 1,
    max: 5,
    why: 'a single server can hold one; a cluster should hold three',
  }),
  factsBytesMax: integer({
    env: 'BUSBAR_FACTS_BYTES_MAX',
    default: 1024 ** 3,
    min: 1024 ** 2,
    max: 1024 ** 4,
    unit: 'bytes',
    why: 'a gibibyte holds about two million facts; beyond it the oldest go',
  }),
  readingsBytesMax: integer({
    env: 'BUSBAR_READINGS_BYTES_MAX',
    default: 1024 ** 3,
    min: 1024 ** 2,
    max: 1024 ** 4,
    unit: 'bytes',
    why: 'a gibibyte holds about a million readings; Postgres has them all',
  }),
  framesBytesMax: integer({
    env: 'BUSBAR_FRAMES_BYTES_MAX',
    default: 1024 ** 3,
    min: 1024 ** 2,
    max: 1024 ** 4,
    unit: 'bytes',
    why: 'a gibibyte holds the last day of a few thousand stations; beyond it the oldest go',
  }),
  manageStreams: flag({
    env: 'BUSBAR_MANAGE_STREAMS',
    default: true,
    why: 'services make and size the streams; false leaves that to who runs NATS',
  }),
} as const satisfies SettingsSchema;

export type ServiceSettings = SettingsOf<typeof serviceSettings>;

/** The settings of one service: those that all have, and its own. Throws `ConfigError`. */
export function readServiceSettings<Own extends SettingsSchema>(
  own: Own | undefined,
  env: NodeJS.ProcessEnv,
): { settings: ServiceSettings & SettingsOf<Own>; warnings: string[] } {
  const { settings, warnings } = readSettings({ ...serviceSettings, ...own }, env);
  const all = settings as ServiceSettings & SettingsOf<Own>;
  checkTogether(all);
  return { settings: all, warnings };
}

/** What no single value can be wrong about. */
function checkTogether(settings: ServiceSettings): void {
  if (settings.fault !== '' && settings.environment === 'production') {
    throw new ConfigError(['BUSBAR_FAULT is for tests and refused while BUSBAR_ENVIRONMENT is production']);
  }
}

/** Where a session of one's own is needed: for locks that a session holds. */
export function directUrl(settings: Pick<ServiceSettings, 'postgresUrl' | 'postgresDirectUrl'>): string {
  return settings.postgresDirectUrl === '' ? settings.postgresUrl : settings.postgresDirectUrl;
}
