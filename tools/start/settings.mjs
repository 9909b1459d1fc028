import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stateFolder, storeUrls, TOOLCHAIN, wantsPackagesOnly } from '../process/places.mjs';
import { isFree } from '../process/ports.mjs';
import { Refusal } from '../process/refusal.mjs';

/** Variables that are for us and not for the apps, which would warn of what they do not read. */
const OURS = [
  'BUSBAR_STATE_DIR',
  'BUSBAR_SERVICES',
  'BUSBAR_DEMO_STATIONS',
  'BUSBAR_GATEWAY_PORTS',
  'BUSBAR_API_PORT',
  'BUSBAR_DEV_API_KEY',
  'BUSBAR_LISTEN',
  'BUSBAR_HEALTH_PORT',
  'BUSBAR_POSTGRES_URL',
  'BUSBAR_NATS_URL',
  'BUSBAR_REDIS_URL',
];

/** What `npm start` is asked for by the environment. A bad value is one sentence. */
export function readSettings(env = process.env) {
  const state = stateFolder();
  return {
    state,
    packages: process.env.BUSBAR_STATE_DIR ? join(state, 'packages') : join(TOOLCHAIN, 'packages'),
    listen: env.BUSBAR_LISTEN || '127.0.0.1',
    gatewayPorts: ports('BUSBAR_GATEWAY_PORTS', env.BUSBAR_GATEWAY_PORTS || '9000,9001'),
    apiPort: ports('BUSBAR_API_PORT', env.BUSBAR_API_PORT || '8080', 1)[0],
    demoStations: wholeNumber('BUSBAR_DEMO_STATIONS', env.BUSBAR_DEMO_STATIONS || '3', 0, 100),
    storeUrls: storeUrls(),
    packagesOnly: wantsPackagesOnly(),
    givenKey: env.BUSBAR_DEV_API_KEY ? apiKey(env.BUSBAR_DEV_API_KEY) : null,
  };
}

/** The environment that every app starts from. */
export function appEnvironment(env = process.env) {
  const theirs = Object.entries(env).filter(([name]) => !OURS.includes(name));
  return { BUSBAR_ENVIRONMENT: 'development', ...Object.fromEntries(theirs) };
}

/** What must stay the same from one start to the next: keys and secrets. Made at the first start, kept with mode 0600. */
export function rememberedSecrets(state) {
  const path = join(state, 'secrets.json');
  const kept = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const secrets = {
    apiKey: `busbar_${randomBytes(20).toString('hex')}`,
    ...kept,
  };
  if (JSON.stringify(kept) !== JSON.stringify(secrets)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  }
  return secrets;
}

/** Refuses to begin when a port that people will use is taken. */
export async function assertPortsFree({ listen, gatewayPorts, apiPort }) {
  const wanted = [
    ...gatewayPorts.map((port) => ({ port, what: 'stations', variable: 'BUSBAR_GATEWAY_PORTS' })),
    { port: apiPort, what: 'the API', variable: 'BUSBAR_API_PORT' },
  ];
  for (const { port, what, variable } of wanted) {
    let free;
    try {
      free = await isFree(port, listen);
    } catch (error) {
      if (error.code === 'EACCES')
        throw new Refusal(
          `No permission to listen on port ${port} for ${what}: choose one above 1023 with ${variable}.`,
        );
      throw new Refusal(
        `Cannot listen on ${listen} (${error.code}): BUSBAR_LISTEN must be an address of this machine.`,
      );
    }
    if (!free)
      throw new Refusal(
        `Port ${port} for ${what} is taken by another program: stop that, or choose another port with ${variable}.`,
      );
  }
}

/** It is printed inside commands to paste, so it must be harmless in a shell; and it must be worth guessing at. */
function apiKey(text) {
  if (/^[A-Za-z0-9_.~+/=-]{16,200}$/.test(text)) return text;
  throw new Refusal('BUSBAR_DEV_API_KEY must be 16 to 200 letters, digits or any of _ . ~ + / = -');
}

function ports(name, text, count) {
  const list = text.split(',').map((one) => wholeNumber(name, one.trim(), 1, 65_535));
  if (count !== undefined && list.length !== count)
    throw new Refusal(`${name} must be ${count} port, not ${JSON.stringify(text)}.`);
  if (new Set(list).size !== list.length) throw new Refusal(`${name} names a port twice: ${JSON.stringify(text)}.`);
  return list;
}

function wholeNumber(name, text, min, max) {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    throw new Refusal(`${name} must be whole numbers from ${min} to ${max}, not ${JSON.stringify(text)}.`);
  return value;
}
