import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT } from '../process/places.mjs';
import { Refusal } from '../process/refusal.mjs';
import { Supervised } from '../process/supervised.mjs';
import { readyLine } from './apps.mjs';

export const TOKEN = 'DEMO-TOKEN';
/** Drivers come by at connector 1 by themselves; connector 2 is left to whoever types the printed commands. */
export const FREE_EVSE = 2;
const CHARGE_SECONDS = 45;
const PAUSE_SECONDS = 2;
/** Who starts a charge with the printed command sees it end within a minute. */
const LEAVE_AFTER_SECONDS = 30;
const CHARGING_WITHIN_MS = 60_000;

/**
 * Registers the demonstration's stations and token over the API, and remembers the stations' keys in the state. Doing it
 * again changes nothing. Returns `[{ identity, key }]`.
 */
export async function registerDemo({ api, count, state }) {
  const path = join(state, 'demo.json');
  const remembered = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const stations = Array.from({ length: count }, (_, at) => {
    const identity = `DEMO-${at + 1}`;
    return { identity, key: remembered[identity] ?? randomBytes(20).toString('hex') };
  });
  for (const { identity, key } of stations) {
    const registration = { body: { identity, key: { hex: key }, tags: ['demo'] }, expected: [201, 409] };
    const { status } = await api.ask('POST', '/stations', registration);
    if (status === 201 || remembered[identity] !== undefined) continue;
    // Known to the database from another state folder, whose key we do not have.
    await api.ask('DELETE', `/stations/${identity}`);
    await api.ask('POST', '/stations', { ...registration, expected: [201] });
  }
  const keys = { ...remembered, ...Object.fromEntries(stations.map(({ identity, key }) => [identity, key])) };
  writeFileSync(path, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  if (count > 0)
    await api.ask('PUT', `/id-tokens/${TOKEN}`, {
      body: { status: 'Accepted', maxConcurrentTransactions: null, note: 'for the demonstration' },
    });
  return stations;
}

/** One process of simulated stations for each gateway, as `Supervised`; the stations are dealt out in turn. */
export function demoProcesses({ stations, stationUrls, state, env, onEvent }) {
  return stationUrls
    .map((url, at) => ({
      url,
      name: `simulator-${at + 1}`,
      own: stations.filter((_, index) => index % stationUrls.length === at),
    }))
    .filter(({ own }) => own.length > 0)
    .map(({ url, name, own }) => {
      const file = join(state, `${name}.json`);
      writeFileSync(file, JSON.stringify(own), { mode: 0o600 });
      const options = {
        url,
        'stations-file': file,
        token: TOKEN,
        charge: CHARGE_SECONDS,
        pause: PAUSE_SECONDS,
        'leave-after': LEAVE_AFTER_SECONDS,
      };
      const words = Object.entries(options).flatMap(([option, value]) => [`--${option}`, String(value)]);
      return new Supervised({
        name,
        logFile: join(state, 'logs', `${name}.log`),
        launch: () => ({
          file: process.execPath,
          args: [join(ROOT, 'apps', 'simulator', 'dist', 'main.js'), 'run', ...words],
          env,
          cwd: ROOT,
        }),
        serves: ({ lines }) => lines.find(readyLine),
        onEvent,
      });
    });
}

/** Resolves when one of the stations charges in a transaction that began after `since`. `isOff` ends the waiting. */
export async function untilCharging({ api, stations, since, isOff }) {
  const identities = new Set(stations.map(({ identity }) => identity));
  const deadline = Date.now() + CHARGING_WITHIN_MS;
  while (identities.size > 0 && !isOff()) {
    const { body } = await api.ask('GET', '/transactions?state=active&limit=100');
    if (body.items.some(({ station, startedAt }) => identities.has(station) && Date.parse(startedAt) >= since)) return;
    if (Date.now() > deadline)
      throw new Refusal(`No demonstration station charged within ${CHARGING_WITHIN_MS / 1000} s; the logs say why.`);
    await pause(200);
  }
}
