import { readSettings, url } from '@busbar/config';

const why = 'the test runner starts the store and says where it is';
const postgres = { url: url({ env: 'BUSBAR_TEST_POSTGRES_URL', schemes: ['postgres', 'postgresql'], why }) };
const nats = { url: url({ env: 'BUSBAR_TEST_NATS_URL', schemes: ['nats', 'tls'], why }) };
const redis = { url: url({ env: 'BUSBAR_TEST_REDIS_URL', schemes: ['redis', 'rediss'], why }) };

/**
 * Where the stores are that all tests share, as the test runner says. Throws a `ConfigError` that names the missing
 * variable. Each store is asked for by itself, so that a test needs only the stores that it uses.
 */
export const sharedStores = {
  postgresUrl: () => readSettings(postgres, process.env).settings.url,
  natsUrl: () => readSettings(nats, process.env).settings.url,
  redisUrl: () => readSettings(redis, process.env).settings.url,
};

/** This environment without anything of Busbar's, so that a child process has only what the test gives it. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BUSBAR_')));
}
