/**
 * PostgreSQL, NATS and Redis as private children, for tests and for working on one part:
 *
 *   node tools/stack.mjs run --state <folder> [--only postgres,nats,redis] [--packages <folder>]
 *       [--postgres-port n] [--nats-port n] [--redis-port n] [--print-json] [--no-restart] [--die-with-parent]
 *
 * Prints one JSON line when all serve: { "postgres": { "url", "pid" }, … }. A store that dies is restarted on its port with
 * its data, and a line { "event": "died" | "restarted" | "still-down", "store", … } says so. With --no-restart, lines on
 * stdin command it: `kill <store>` (SIGKILL), `stop <store>`, `start <store>`; each is answered by
 * { "did", "store", "pid" | null, "error"? } once it is done. SIGTERM stops everything, exit 0; with --die-with-parent so
 * does the end of stdin.
 */
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { ROOT, storeUrls, wantsPackagesOnly } from './process/places.mjs';
import { Refusal, runCommand } from './process/refusal.mjs';
import { onStopSignal } from './process/signals.mjs';
import { runStores, STORES, stopStores } from './stack/stores.mjs';

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      state: { type: 'string' },
      packages: { type: 'string' },
      only: { type: 'string', default: STORES.join(',') },
      'postgres-port': { type: 'string' },
      'nats-port': { type: 'string' },
      'redis-port': { type: 'string' },
      'print-json': { type: 'boolean', default: false },
      'no-restart': { type: 'boolean', default: false },
      'die-with-parent': { type: 'boolean', default: false },
    },
  });
  if (positionals[0] !== 'run' || values.state === undefined)
    throw new Refusal('Usage: node tools/stack.mjs run --state <folder> (see the head of that file)');
  const only = values.only.split(',');
  const wrong = only.find((name) => !STORES.includes(name));
  if (wrong !== undefined)
    throw new Refusal(`There is no store ${JSON.stringify(wrong)}; there are ${STORES.join(', ')}.`);

  const tell = (line) => values['print-json'] && console.log(JSON.stringify(line));
  const say = (text) => console.error(`${text} …`);
  let stores = [];
  const starting = runStores({
    state: resolve(values.state),
    packages: resolve(values.packages ?? join(ROOT, '.busbar', 'packages')),
    only,
    ports: portsOf(values),
    urls: storeUrls(),
    packagesOnly: wantsPackagesOnly(),
    restart: !values['no-restart'],
    onEvent: ({ name, ...event }) => tell({ ...event, store: name }),
    say,
  });
  const stop = onStopSignal(async () => {
    // A start under way ends first, or it would leave what it has already started behind.
    await starting.catch(() => undefined);
    await stopStores(stores);
    process.exit(0);
  });
  if (values['die-with-parent'] && !values['no-restart']) process.stdin.on('end', stop).resume();
  stores = await starting;
  tell(Object.fromEntries(stores.map(({ name, url, process: run }) => [name, { url, pid: run?.pid ?? null }])));
  if (!values['print-json']) for (const store of stores) console.log(`${store.name}: ${store.url} (${store.origin})`);

  if (!values['no-restart']) return;
  const lines = createInterface({ input: process.stdin });
  if (values['die-with-parent']) lines.once('close', stop);
  for await (const line of lines) tell(await obey(line, stores));
});

/** Does what one line says. A store's own failure is an answer too. */
async function obey(line, stores) {
  const [did, name] = line.trim().split(/\s+/);
  const store = stores.find((one) => one.name === name)?.process;
  if (!store) return { did, store: name, pid: null, error: 'no such store here' };
  try {
    if (did === 'kill') return { did, store: name, pid: await store.kill() };
    if (did === 'stop') return { did, store: name, pid: await stopped(store) };
    if (did !== 'start') return { did, store: name, pid: store.pid, error: 'kill, stop or start' };
    if (store.pid === null) await store.start();
    return { did, store: name, pid: store.pid };
  } catch (error) {
    return { did, store: name, pid: null, error: error.message };
  }
}

async function stopped(store) {
  const { pid } = store;
  await store.stop();
  return pid;
}

function portsOf(values) {
  const ports = {};
  for (const name of STORES) {
    const text = values[`${name}-port`];
    if (text === undefined) continue;
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new Refusal(`--${name}-port must be a port, not ${JSON.stringify(text)}.`);
    ports[name] = port;
  }
  return ports;
}
