import { join } from 'node:path';
import { ROOT } from '../process/places.mjs';
import { Refusal } from '../process/refusal.mjs';
import { run } from '../process/run.mjs';
import { Supervised } from '../process/supervised.mjs';

/** The services that own a schema, in the order in which they migrate. */
const MIGRATING = ['stations', 'authorization', 'transactions', 'commands', 'api'];

/** Each schema's migrations, one after the other. */
export async function migrateAll(env, say) {
  for (const app of MIGRATING) {
    say(app);
    const { code, output } = await run(process.execPath, [join(ROOT, 'apps', app, 'dist', 'migrate.js')], {
      cwd: ROOT,
      env,
    });
    if (code !== 0) throw new Refusal(`Migrating the schema of ${app} failed:\n${output.trim()}`);
  }
}

/**
 * The processes that make up Busbar, as `Supervised`, in the order in which they are stopped: the API first, so that nothing
 * new is asked, then the gateways, which still need the services to answer what stations have sent, then the services.
 */
export function appProcesses({ env, listen, apiPort, apiKey, gatewayPorts, state, onEvent }) {
  const app = (name, folder, more = {}) =>
    new Supervised({
      name,
      logFile: join(state, 'logs', `${name}.log`),
      launch: () => ({
        file: process.execPath,
        args: ['--enable-source-maps', join(ROOT, 'apps', folder, 'dist', 'main.js')],
        env: { ...env, ...more },
        cwd: ROOT,
      }),
      serves: ({ lines }) => lines.find(readyLine),
      // A gateway that drains may take half a minute.
      stopGraceMs: 35_000,
      readyTimeoutMs: 60_000,
      onEvent,
    });
  return {
    api: [app('api', 'api', { BUSBAR_LISTEN: listen, BUSBAR_API_PORT: String(apiPort), BUSBAR_DEV_API_KEY: apiKey })],
    gateways: gatewayPorts.map((port, at) =>
      app(`gateway-${at + 1}`, 'gateway', { BUSBAR_LISTEN: listen, BUSBAR_GATEWAY_PORT: String(port) }),
    ),
    services: [
      app('stations', 'stations'),
      app('authorization', 'authorization'),
      app('transactions-1', 'transactions'),
      app('transactions-2', 'transactions'),
      app('commands', 'commands'),
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
