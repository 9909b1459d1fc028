/**
 * Who may import whom, and why not: the one place that says it. `tools/generate.mjs` makes biome's rules of it
 * (boundaries.json, which biome.json extends), so that an editor shows the reason at the import.
 */

/** What each project may import of ours, beside libs/domain, which everyone may. */
const MAY = {
  'libs/domain': [],
  'libs/events': [],
  'libs/ocpp': ['events'],
  'libs/config': [],
  'libs/observability': [],
  'libs/messaging': ['events', 'config', 'observability'],
  'libs/directory': ['config', 'observability'],
  // Of events only who asks and what a problem is: idempotency keys are compared in the caller's transaction.
  'libs/persistence': ['events', 'config', 'observability'],
  'libs/outbox': ['events', 'config', 'observability', 'messaging', 'persistence'],
  'libs/service-host': ['events', 'config', 'observability', 'messaging', 'messaging/nest', 'persistence', 'outbox'],
  'apps/gateway': ['events', 'ocpp', 'config', 'observability', 'messaging', 'directory'],
  'apps/stations': [
    'events',
    'config',
    'observability',
    'messaging',
    'messaging/nest',
    'persistence',
    'outbox',
    'service-host',
    'directory',
  ],
  'apps/authorization': [
    'events',
    'config',
    'observability',
    'messaging',
    'messaging/nest',
    'persistence',
    'outbox',
    'service-host',
  ],
  'apps/transactions': [
    'events',
    'config',
    'observability',
    'messaging',
    'messaging/nest',
    'persistence',
    'outbox',
    'service-host',
  ],
  'apps/commands': [
    'events',
    'config',
    'observability',
    'messaging',
    'messaging/nest',
    'persistence',
    'outbox',
    'service-host',
    'directory',
    'ocpp',
  ],
  'apps/api': [
    'events',
    'config',
    'observability',
    'messaging',
    'messaging/nest',
    'persistence',
    'outbox',
    'service-host',
  ],
  'apps/simulator': ['events', 'ocpp', 'config', 'observability'],
};

/** Why each of them is not for everyone. */
const WHY = {
  events: 'this part knows nothing of what services say to each other',
  ocpp: 'only the gateways and the simulator speak OCPP; a service never sees a protocol version',
  config: 'settings are read once, in main.ts, and handed on',
  observability: 'what must not do I/O must not log either',
  messaging: 'this part knows nothing of the bus',
  'messaging/nest': 'the gateways and the platform libs run without NestJS',
  directory: 'who holds a station is known to the gateways; only stations and commands may look it up',
  persistence: 'this part holds no SQL; what is stored is stored by the service that owns it',
  outbox: 'facts are recorded by the services, in the transaction of what happened',
  'service-host': 'only services are composed like services',
  testing: 'test fixtures never run in production',
};

/** Packages with one home. A change of package, or of what it can do, is then a change in one place. */
const HOMES = [
  { packages: ['uWebSockets.js'], homes: ['apps/gateway', 'test/load'], why: 'sockets of stations are the gateway’s' },
  {
    packages: ['pg'],
    homes: ['libs/persistence', 'libs/testing'],
    why: 'SQL goes through libs/persistence, which names its failures',
  },
  {
    packages: ['ioredis'],
    homes: ['libs/directory', 'libs/testing'],
    why: 'Redis holds the directory and nothing else',
  },
  {
    packages: ['@nats-io/*'],
    homes: ['libs/messaging', 'libs/testing'],
    why: 'the bus goes through libs/messaging, which bounds it and names its failures',
  },
  {
    packages: ['typed-ocpp', 'typed-ocpp/**'],
    homes: ['libs/ocpp/src/v16/schemas.ts'],
    why: 'one file reads the schemas, and corrects them',
  },
  {
    packages: ['ws'],
    homes: ['apps/simulator', 'libs/testing', 'test'],
    why: 'stations are simulated with it, and only there',
  },
  {
    packages: ['fastify', '@nestjs/platform-fastify', '@nestjs/swagger', '@fastify/*'],
    homes: ['apps/api'],
    why: 'HTTP for people and programs is the api’s',
  },
  {
    packages: ['@nestjs/*', 'rxjs', 'rxjs/**', 'reflect-metadata'],
    homes: [
      'apps/api',
      'apps/stations',
      'apps/authorization',
      'apps/transactions',
      'apps/commands',
      'libs/service-host',
      'libs/messaging/src/nest',
    ],
    why: 'the gateways and the platform libs run without NestJS',
  },
  {
    packages: ['vitest', 'fast-check'],
    homes: ['libs/testing', 'test'],
    why: 'test tools never run in production',
  },
];

const SERVICES = ['stations', 'authorization', 'transactions', 'commands'];

/** Inside a service: handlers -> domain <- store. */
const LAYERS = {
  domain: {
    not: ['store', 'handlers', 'dispatch'],
    ours: ['events'],
    packages: ['@nestjs/*', 'rxjs', 'reflect-metadata'],
    why: 'rules know neither where things are stored nor who asks; they declare interfaces for it',
  },
  handlers: {
    not: ['store'],
    why: 'a handler unpacks, calls the domain and answers; the domain declares what it needs stored',
  },
  store: { not: ['handlers'], why: 'the store serves the domain and does not know who asks' },
};

/** Everything that may read the environment: where a process is put together, and what reads it for that place. */
const READS_ENVIRONMENT = [
  'apps/*/src/main.ts',
  'apps/*/src/migrate.ts',
  'libs/config/**',
  'libs/service-host/src/run-service.ts',
  'libs/service-host/src/run-migrations.ts',
  'libs/testing/src/stores.ts',
  'libs/testing/src/start-app.ts',
];
const TESTS = ['**/*.spec.ts', '**/*.spec.mjs', 'apps/*/test/**', 'libs/*/test/**', 'test/**'];

/** The configuration that biome extends. Overrides apply from first to last, and each replaces the rule's whole options. */
export function boundaries() {
  const projects = Object.keys(MAY);
  const layers = SERVICES.flatMap((service) =>
    Object.keys(LAYERS).map((layer) => ({ project: `apps/${service}`, layer })),
  );
  const files = HOMES.flatMap(({ homes }) => homes).filter((home) => home.split('/').length > 2);
  return {
    overrides: [
      ...projects.map((project) => ban([`${project}/**`], patternsFor(project, project))),
      ...files.map((home) => ban([home.endsWith('.ts') ? home : `${home}/**`], patternsFor(projectOf(home), home))),
      ...layers.map(({ project, layer }) =>
        ban(
          [`${project}/src/${layer}/**`],
          [...patternsFor(project, project, LAYERS[layer].ours), ...layerPatterns(LAYERS[layer])],
        ),
      ),
      ban(['libs/testing/**', ...TESTS], [deepImports(['internal', 'messaging/nest']), appImports()]),
      ban(
        ['tools/**/*.mjs', 'test/bites/**'],
        [
          {
            group: ['*', '!node:*', '!./**', '!../**'],
            message: 'Tools use nothing but Node: they run before anything is installed.',
          },
        ],
      ),
      {
        includes: [...READS_ENVIRONMENT, ...TESTS, 'tools/**', 'vitest.config.ts'],
        linter: { rules: { style: { noProcessEnv: 'off' } } },
      },
    ],
  };
}

function ban(includes, patterns) {
  return { includes, linter: { rules: { style: { noRestrictedImports: { level: 'error', options: { patterns } } } } } };
}

function projectOf(path) {
  return path.split('/').slice(0, 2).join('/');
}

/** Every ban that holds for the files of a project; `home` is the folder or file that HOMES is asked about. */
function patternsFor(project, home, ours = MAY[project]) {
  const own = project.split('/')[1];
  const allowed = new Set(['domain', ...ours]);
  const banned = Object.keys(WHY).filter((name) => !allowed.has(name) && name !== own && !name.startsWith(`${own}/`));
  const libs = banned.map((name) => ({
    group: name.includes('/') ? [`@busbar/${name}`] : [`@busbar/${name}`, `@busbar/${name}/internal`],
    message: `${project} may not import ${name}: ${WHY[name]}.`,
  }));
  const packages = HOMES.filter(
    ({ homes }) => !homes.some((place) => home === place || home.startsWith(`${place}/`)),
  ).map(({ packages: group, homes, why }) => ({
    group,
    message: `Only ${homes.join(', ')} may import this: ${why}.`,
  }));
  const nest = allowed.has('messaging/nest') || own === 'messaging' ? ['messaging/nest'] : [];
  return [...libs, ...packages, deepImports(project.startsWith('libs/') ? ['internal', ...nest] : nest), appImports()];
}

/** A lib's doors are its index, for its siblings and for tests `internal`, and what is named here. */
function deepImports(doors) {
  return {
    group: [
      '@busbar/*/**',
      ...doors.map((door) => (door === 'internal' ? '!@busbar/*/internal' : `!@busbar/${door}`)),
      '**/libs/**',
      '**/apps/**',
    ],
    message: 'A deep import: a lib is entered by its index, so that the rest of it can change.',
  };
}

function appImports() {
  return {
    group: ['gateway', ...SERVICES, 'api', 'simulator'].map((app) => `@busbar/${app}`),
    message: 'An app never imports another app: they meet on the bus.',
  };
}

function layerPatterns({ not, packages = [], why }) {
  return [
    ...not.map((layer) => ({
      group: [`../${layer}/**`, `../../${layer}/**`, `../../../${layer}/**`],
      message: `Not from here: ${why}.`,
    })),
    ...(packages.length > 0 ? [{ group: packages, message: `Not from here: ${why}.` }] : []),
  ];
}
