import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What belongs to the checkout whatever state it runs on: the fetched Node, the unpacked packages. */
export const TOOLCHAIN = join(ROOT, '.busbar');

/** Where `npm start` keeps everything it must remember. */
export function stateFolder() {
  return resolve(ROOT, process.env.BUSBAR_STATE_DIR || '.busbar');
}

/** Stores of the person's own, by name; those are used as they are and never started, stopped or restarted. */
export function storeUrls() {
  const { BUSBAR_POSTGRES_URL: postgres, BUSBAR_NATS_URL: nats, BUSBAR_REDIS_URL: redis } = process.env;
  return { postgres, nats, redis };
}

/** BUSBAR_SERVICES=packages: nothing from PATH, as on a machine that has none of it. */
export function wantsPackagesOnly() {
  return process.env.BUSBAR_SERVICES === 'packages';
}
