import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compilerScript } from '../bootstrap/compile.mjs';
import { npmScript } from '../bootstrap/npm.mjs';
import { ROOT } from '../process/places.mjs';
import { run } from '../process/run.mjs';

const OUTPUT_MAX = 20_000;

/** The steps of the check, cheap and fundamental ones first. Each `run(paths)` gives `{ ok, output }`. */
export const steps = [
  { name: 'types', what: 'the build: tsc -b', run: (paths) => node(compilerScript(), ['-b', ...paths]) },
  {
    name: 'test-types',
    what: 'types of tests: tsc -p tsconfig.spec.json',
    run: () => node(compilerScript(), ['-p', 'tsconfig.spec.json']),
  },
  {
    name: 'lint',
    what: 'oxlint with types: floating promises and the like',
    run: (paths) => bin('oxlint', ['--type-aware', '--deny-warnings', '--quiet', ...paths]),
  },
  {
    name: 'format',
    what: 'biome’s format and order of imports',
    run: (paths) => bin('biome', ['check', '--linter-enabled=false', ...paths]),
  },
  { name: 'boundaries', what: 'who imports whom, no cycles, who reads the environment', run: boundaries },
  {
    name: 'dead-code',
    what: 'knip: unused files, exports and dependencies',
    run: () => bin('knip', ['--no-progress']),
  },
  {
    name: 'generated',
    what: 'generated files are what they are made from',
    run: () => node(join(ROOT, 'tools', 'generate.mjs'), ['--check']),
  },
  { name: 'lock', what: 'the lock file has every package of every platform', run: lockFile },
  {
    name: 'bites',
    what: 'each of the above bites: one violation of every kind is seen',
    run: () => node(join(ROOT, 'test', 'bites', 'main.mjs'), []),
  },
];

async function boundaries(paths) {
  const result = await bin('biome', ['lint', '--max-diagnostics=100', ...paths]);
  const hint =
    'The environment is read in main.ts and migrate.ts, and handed on as settings: see tools/check/boundaries.mjs.';
  return result.output.includes('noProcessEnv') ? { ...result, output: `${result.output}\n${hint}` } : result;
}

async function lockFile() {
  const complete = await node(join(ROOT, 'tools', 'complete-lock.mjs'), ['--check']);
  if (!complete.ok) return complete;
  // Refuses when package.json and the lock file disagree, or when an entry is missing.
  return node(npmScript(), ['ci', '--dry-run', '--ignore-scripts', '--no-audit', '--no-fund']);
}

async function bin(name, args) {
  const file = join(ROOT, 'node_modules', '.bin', name);
  if (!existsSync(file)) return { ok: false, output: `${name} is not installed: npm run check installs it` };
  return shortened(await run(file, args, { cwd: ROOT, env: environment() }));
}

async function node(script, args) {
  return shortened(await run(process.execPath, [script, ...args], { cwd: ROOT, env: environment() }));
}

/** Plain text: output is shown only when something failed, and compared by test/bites. */
function environment() {
  const env = { ...process.env, NO_COLOR: '1' };
  delete env.FORCE_COLOR;
  return env;
}

function shortened({ code, output }) {
  const cut =
    output.length > OUTPUT_MAX
      ? `${output.slice(0, OUTPUT_MAX)}\n… and ${output.length - OUTPUT_MAX} characters more`
      : output;
  return { ok: code === 0, output: cut };
}
