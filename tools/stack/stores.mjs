import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, isFree } from '../process/ports.mjs';
import { Refusal } from '../process/refusal.mjs';
import { Supervised } from '../process/supervised.mjs';
import { natsStore } from './nats.mjs';
import { postgresStore } from './postgres.mjs';
import { takesConnections } from './probe.mjs';
import { redisStore } from './redis.mjs';

const MAKERS = { postgres: postgresStore, nats: natsStore, redis: redisStore };
const USUAL_PORTS = { postgres: 5432, nats: 4222, redis: 6379 };
export const STORES = Object.keys(MAKERS);

/** Room for every stream's own limit. Sparse: NATS only reserves it. */
const FILE_STORE_BYTES = 64 * 1024 ** 3;

/**
 * Runs the named stores as private children, each on a free port of 127.0.0.1 or on the one given. Resolves when all serve;
 * when one does not come up the others are stopped. Each store: `{ name, url, port, origin, process: Supervised }`; one with
 * a url given is only passed through, without a process.
 *
 * Options: `state` folder, `packages` folder for unpacked packages, `only`, `ports`, `urls`, `packagesOnly` (nothing from
 * PATH), `restart`, `onEvent`, `say` for progress.
 */
export async function runStores({
  state,
  packages,
  only = STORES,
  ports = {},
  urls = {},
  packagesOnly = false,
  restart = true,
  onEvent,
  say = () => undefined,
}) {
  mkdirSync(state, { recursive: true, mode: 0o755 });
  const stores = [];
  try {
    for (const name of only) {
      if (urls[name]) {
        await assertThere(name, urls[name]);
        stores.push({ name, url: urls[name], origin: `${name} at an address of yours`, process: null });
        continue;
      }
      const port = ports[name] ?? (await freePort());
      if (!(await isFree(port))) throw new Refusal(`Port ${port} for ${name} is taken.`);
      const store = await MAKERS[name]({ state, packages, port, packagesOnly, fileStoreBytes: FILE_STORE_BYTES, say });
      const logFile = join(state, 'logs', `${name}.log`);
      stores.push({ ...store, process: new Supervised({ ...store.process, name, logFile, restart, onEvent }) });
    }
    await all(stores.map((store) => store.process?.start()));
  } catch (error) {
    await stopStores(stores);
    throw error;
  }
  return stores;
}

/** A store of the person's own is not ours to start: when it is away, nothing else should be begun. */
async function assertThere(name, url) {
  const variable = `BUSBAR_${name.toUpperCase()}_URL`;
  const { hostname, port } = URL.canParse(url) ? new URL(url) : {};
  if (!hostname) throw new Refusal(`${variable} is no URL.`);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (await takesConnections(host, Number(port) || USUAL_PORTS[name])) return;
  throw new Refusal(
    `Nothing takes connections at ${variable} (${host}:${port || USUAL_PORTS[name]}): start it, or unset the variable.`,
  );
}

export async function stopStores(stores) {
  await Promise.all(stores.map((store) => store.process?.stop()));
}

/** Waits for every one to end before it passes the first failure on, so that no start is still under way at the clean-up. */
async function all(starts) {
  const failed = (await Promise.allSettled(starts)).find((start) => start.status === 'rejected');
  if (failed) throw failed.reason;
}
