/**
 * One violation of each kind that `npm run check` must see. `plant` gives the files to write, by path, from the text that is
 * there; `step` and `paths` say which part of the check is run, `says` what it must say. Since a planted file or name is part
 * of `says`, the step cannot be red for another reason. Those with the same `round` share a copy and a run.
 */
const append = (text) => (before) => `${before}\n${text}\n`;

export const bites = [
  {
    name: 'a type error',
    plant: { 'libs/domain/src/bite.ts': () => 'export const bite: number = "text";\n' },
    step: 'types',
    paths: ['libs/domain'],
    says: /libs\/domain\/src\/bite\.ts.*TS2322/,
  },
  {
    name: 'a type error in a test',
    plant: { 'libs/domain/src/bite.spec.ts': () => 'const bite: number = "text";\nexport { bite };\n' },
    step: 'test-types',
    says: /libs\/domain\/src\/bite\.spec\.ts.*TS2322/,
  },
  {
    name: 'a floating promise',
    plant: {
      'libs/domain/src/bite.ts': () =>
        'async function work(): Promise<void> {}\nexport function bite(): void {\n  work();\n}\n',
    },
    step: 'lint',
    paths: ['libs/domain'],
    round: 'lint',
    says: /no-floating-promises[\s\S]*libs\/domain\/src\/bite\.ts/,
  },
  {
    name: 'a skipped test',
    plant: {
      'libs/domain/src/bite.spec.ts': () =>
        "import { expect, it } from 'vitest';\n\nit.skip('bites', () => {\n  expect(1).toBe(1);\n});\n",
    },
    step: 'lint',
    paths: ['libs/domain'],
    round: 'lint',
    says: /no-disabled-tests[\s\S]*libs\/domain\/src\/bite\.spec\.ts/,
  },
  {
    name: 'bad format',
    plant: { 'libs/domain/src/bite.ts': () => 'export const bite = {a:"b"}\n' },
    step: 'format',
    paths: ['libs/domain'],
    says: /libs\/domain\/src\/bite\.ts format/,
  },
  ...[
    ['domain that imports events', 'libs/domain/src/bite-1.ts', '@busbar/events', 'libs/domain may not import events'],
    [
      'the gateway with SQL',
      'apps/gateway/src/bite-2.ts',
      '@busbar/persistence',
      'apps/gateway may not import persistence',
    ],
    [
      'the gateway through the door for NestJS',
      'apps/gateway/src/bite-3.ts',
      '@busbar/messaging/nest',
      'apps/gateway may not import messaging/nest',
    ],
    ['NestJS in the gateway', 'apps/gateway/src/bite-4.ts', '@nestjs/common', 'run without NestJS'],
    ['OCPP in a service', 'apps/transactions/src/bite-5.ts', '@busbar/ocpp', 'a service never sees a protocol version'],
    [
      'the directory in authorization',
      'apps/authorization/src/bite-6.ts',
      '@busbar/directory',
      'only stations and commands may look it up',
    ],
    [
      'the server side in the simulator',
      'apps/simulator/src/bite-7.ts',
      '@busbar/messaging',
      'apps/simulator may not import messaging',
    ],
    ['an app in an app', 'apps/api/src/bite-8.ts', '@busbar/commands', 'An app never imports another app'],
    ['a path into an app', 'libs/domain/src/bite-9.ts', '../../../apps/api/src/main.js', 'A deep import'],
    ['a deep import', 'apps/api/src/bite-10.ts', '@busbar/messaging/dist/bus.js', 'A deep import'],
    ['a lib’s inner door from an app', 'apps/stations/src/bite-11.ts', '@busbar/persistence/internal', 'A deep import'],
    [
      'fixtures in production',
      'apps/stations/src/bite-12.ts',
      '@busbar/testing',
      'test fixtures never run in production',
    ],
    ['pg outside persistence', 'apps/transactions/src/bite-13.ts', 'pg', 'SQL goes through libs/persistence'],
    [
      'NATS outside messaging',
      'apps/gateway/src/bite-14.ts',
      '@nats-io/transport-node',
      'the bus goes through libs/messaging',
    ],
    [
      'rules that know the store',
      'apps/stations/src/domain/bite-15.ts',
      '../store/station-rows.js',
      'rules know neither where things are stored',
    ],
    [
      'rules that know NestJS',
      'apps/stations/src/domain/bite-16.ts',
      '@nestjs/common',
      'rules know neither where things are stored',
    ],
    [
      'a handler that opens the store',
      'apps/stations/src/handlers/bite-17.ts',
      '../store/station-rows.js',
      'the domain declares what it needs stored',
    ],
    ['a tool with a dependency', 'tools/bite-18.mjs', 'pg', 'Tools use nothing but Node'],
  ].map(forbiddenImport),
  {
    name: 'an import cycle',
    plant: {
      'libs/domain/src/bite-a.ts': () => "import { b } from './bite-b.js';\n\nexport const a = (): number => b();\n",
      'libs/domain/src/bite-b.ts': () => "import { a } from './bite-a.js';\n\nexport const b = (): number => a();\n",
    },
    step: 'boundaries',
    round: 'boundaries',
    says: /libs\/domain\/src\/bite-a\.ts[\s\S]*part of a cycle/,
  },
  {
    name: 'the environment read away from main.ts',
    plant: { 'libs/domain/src/bite-env.ts': () => "export const bite = process.env['BUSBAR_BITE'];\n" },
    step: 'boundaries',
    round: 'boundaries',
    says: /libs\/domain\/src\/bite-env\.ts\S* lint\/style\/noProcessEnv[\s\S]*read in main\.ts/,
  },
  {
    name: 'an export that nobody uses',
    plant: { 'libs/config/src/kinds.ts': append('export const biteUnused = 1;') },
    step: 'dead-code',
    round: 'dead-code',
    says: /biteUnused/,
  },
  {
    name: 'a file that nobody imports',
    plant: { 'libs/domain/src/bite-file.ts': () => 'export const bite = 1;\n' },
    step: 'dead-code',
    round: 'dead-code',
    says: /Unused files[\s\S]*libs\/domain\/src\/bite-file\.ts/,
  },
  {
    name: 'a stale generated file',
    plant: { 'tools/check/boundaries.json': append('') },
    step: 'generated',
    built: true,
    says: /Out of step.*tools\/check\/boundaries\.json/,
  },
  {
    name: 'a lock file without another platform’s package',
    plant: { 'package-lock.json': (text) => withoutEntry(text, 'node_modules/@uwsjs/darwin-arm64-22') },
    step: 'lock',
    says: /lock file lacks @uwsjs\/darwin-arm64-22/,
  },
  {
    name: 'a dependency that is not in the lock file',
    plant: {
      'apps/api/package.json': (text) =>
        text.replace('"dependencies": {', '"dependencies": {\n    "left-pad": "1.3.0",'),
    },
    step: 'lock',
    says: /Missing: left-pad@1\.3\.0 from lock file/,
  },
];

/** Biome prints the place, the message and a few lines of source for each: the message belongs to the file above it. */
function forbiddenImport([name, file, imported, reason]) {
  const quoted = (text) => text.replaceAll(/[/.]/g, '\\$&');
  return {
    name,
    plant: { [file]: () => `import * as bite from '${imported}';\n\nexport { bite };\n` },
    step: 'boundaries',
    round: 'boundaries',
    says: new RegExp(`${quoted(file)}\\S* lint/style/noRestrictedImports[^×]*×[^\\n]*${quoted(reason)}`),
  };
}

function withoutEntry(text, path) {
  const lock = JSON.parse(text);
  delete lock.packages[path];
  return `${JSON.stringify(lock, null, 2)}\n`;
}
