/**
 * Keeps the lock file true for every platform: `node tools/complete-lock.mjs [--check]`.
 *
 * npm writes a platform's package into the lock file only when the registry in use has it. Not every registry has a copy of
 * all of the native WebSocket engine's builds, and `npm ci` refuses a lock file that lacks one ("Missing: … from lock file"),
 * on every platform. Their names say all that the entry needs, so the absent ones are written by hand, without an integrity:
 * npm takes what the registry of that platform's user says. Run it after every change of dependencies.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './process/places.mjs';
import { Refusal, runCommand } from './process/refusal.mjs';

const LOCK = join(ROOT, 'package-lock.json');
const NATIVE = /^@uwsjs\/(linux|darwin|win32)-(x64|arm64|arm)-(\d+)$/;

await runCommand(() => {
  const text = readFileSync(LOCK, 'utf8');
  const lock = JSON.parse(text);
  const missing = missingPackages(lock.packages);
  const strange = missing.filter(({ name }) => !NATIVE.test(name)).map(({ name }) => name);
  if (strange.length > 0) {
    throw new Refusal(
      `The lock file lacks ${strange.join(', ')}: this registry has no copy of them for some platform. ` +
        'Pin a version that has all of its platforms’ packages, or run `npm install` against one that does.',
    );
  }
  if (missing.length === 0) return console.log('The lock file is complete.');
  if (process.argv.includes('--check')) {
    throw new Refusal(
      `The lock file lacks ${missing.map(({ name }) => name).join(', ')}: run \`node tools/complete-lock.mjs\`.`,
    );
  }
  for (const { name, version } of missing) lock.packages[`node_modules/${name}`] = entryFor(name, version);
  const [root, ...others] = Object.keys(lock.packages);
  others.sort((a, b) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries([root, ...others].map((path) => [path, lock.packages[path]]));
  writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`Written: ${missing.map(({ name }) => name).join(', ')}.`);
});

/** Every optional dependency that has no entry, neither beside its dependent nor above it. */
function missingPackages(packages) {
  const missing = new Map();
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!resolves(packages, path, name)) missing.set(name, { name, version });
    }
  }
  return [...missing.values()];
}

/** As Node looks modules up: in the dependent's own folder, then in each above it. */
function resolves(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    if (packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`] !== undefined) return true;
    if (folder === '') return false;
  }
}

function entryFor(name, version) {
  const [, os, cpu, major] = NATIVE.exec(name);
  return {
    version,
    cpu: [cpu],
    ...(os === 'linux' ? { libc: 'glibc' } : {}),
    license: 'Apache-2.0',
    optional: true,
    os: [os],
    engines: { node: `>=${major}.0.0 <${Number(major) + 1}.0.0` },
  };
}
