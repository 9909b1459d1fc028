import { join } from 'node:path';
import { ROOT } from '../process/places.mjs';
import { Refusal } from '../process/refusal.mjs';
import { run } from '../process/run.mjs';
import { Supervised } from '../process/supervised.mjs';

/** The services that own a schema, in the order in which they migrate. */
const MIGRATING = ['stations', 'authorization', 'transactions', 'commands', 'api'];

/** Every schema's migrations, one after the other. A failure is told with the log of the app that it happened in. */
export async function migrateAll(env, postgres) {
  const script = join(ROOT, 'tools', 'start', 'migrate.mjs');
  const { code, output } = await run(process.execPath, [script, ...MIGRATING], {
    cwd: ROOT,
    env: { ...env, BUSBAR_POSTGRES_URL: postgres },
  });
  if (code !== 0) throw new Refusal(`Bringing the schemas up to date failed:\n${output.trim()}`);
}

/**
 * The processes that make up Busbar, as `Supervised`, in the order in which they are stopped: the API first, so that nothing
 * new is asked, then the gateways, which still need the services to answer what stations have sent, then the services.
 */
export function appProcesses({ env, urls, listen, apiPort, apiKey, gatewayPorts, state, onEvent }) {
  const app = (name, folder, more = {}) =>
    new Supervised({
      name,
      logFile: join(state, 'logs', `${name}.log`),
      launch: () => ({
        file: process.execPath,
        args: ['--enable-source-maps', join(ROOT, 'apps', folder, 'dist', 'main.js')],
        env: { ...env, ...Object.fromEntries(Object.entries(more).map(([key, value]) => [key, String(value)])) },
        cwd: ROOT,
      }),
      serves: ({ lines }) => lines.find(readyLine),
      // A gateway that drains may take half a minute.
      stopGraceMs: 35_000,
      readyTimeoutMs: 60_000,
      onEvent,
    });
  const { postgres, nats, redis } = urls;
  const data = { BUSBAR_POSTGRES_URL: postgres, BUSBAR_NATS_URL: nats };
  const directory = { BUSBAR_REDIS_URL: redis };
  return {
    api: [app('api', 'api', { ...data, BUSBAR_LISTEN: listen, BUSBAR_API_PORT: apiPort, BUSBAR_DEV_API_KEY: apiKey })],
    gateways: gatewayPorts.map((port, at) =>
      app(`gateway-${at + 1}`, 'gateway', {
        ...directory,
        BUSBAR_NATS_URL: nats,
        BUSBAR_LISTEN: listen,
        BUSBAR_GATEWAY_PORT: port,
      }),
    ),
    services: [
      app('stations', 'stations', { ...data, ...directory }),
      app('authorization', 'authorization', data),
      app('transactions-1', 'transactions', data),
      app('transactions-2', 'transactions', data),
      app('commands', 'commands', { ...data, ...directory }),
    ],
  };
}

/** Every app says in one JSON line that it serves, and on which ports. */
export function readyLine(line) {
  if (!line.includes('"msg":"ready"')) return undefined;
  try {
    const { msg, ports } = JSON.parse(line);
    return msg === 'ready' ? { ports: ports ?? {} } : undefined;
  } catch {
    return undefined; // Some other text that happens to contain those characters.
  }
}
