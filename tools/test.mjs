/**
 * `npm test`: every test against real stores that are brought up for it on free ports, and ended with it. Arguments go to
 * vitest: `npm test -- libs/ocpp`. The last line is always `N passed, N failed`.
 *
 * Whoever has stores running already sets BUSBAR_TEST_POSTGRES_URL, BUSBAR_TEST_NATS_URL and BUSBAR_TEST_REDIS_URL; those
 * named are used and not started.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { step } from './bootstrap/progress.mjs';
import { ROOT, TOOLCHAIN, wantsPackagesOnly } from './process/places.mjs';
import { runCommand } from './process/refusal.mjs';
import { onStopSignal } from './process/signals.mjs';
import { runStores, STORES, stopStores } from './stack/stores.mjs';

const variableOf = (store) => `BUSBAR_TEST_${store.toUpperCase()}_URL`;

await runCommand(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'busbar-test-'));
  let stores = [];
  let vitest = null;
  let interrupted = false;
  onStopSignal(async () => {
    interrupted = true;
    vitest?.kill('SIGINT');
  });
  try {
    const urls = Object.fromEntries(STORES.map((name) => [name, process.env[variableOf(name)]]));
    const done = step('bringing up PostgreSQL, NATS and Redis for the tests');
    stores = await runStores({
      state: folder,
      packages: join(TOOLCHAIN, 'packages'),
      urls,
      packagesOnly: wantsPackagesOnly(),
      restart: false,
    });
    done();
    if (interrupted) return;
    const report = join(folder, 'report.json');
    const env = { ...process.env, ...Object.fromEntries(stores.map(({ name, url }) => [variableOf(name), url])) };
    vitest = startVitest(report, env);
    const code = await new Promise((resolve) => vitest.once('exit', (status) => resolve(status ?? 1)));
    const { passed, failed } = counts(report, code);
    process.exitCode = failed === 0 && code === 0 && !interrupted ? 0 : 1;
    await stopStores(stores);
    stores = [];
    console.log(`${passed} passed, ${failed} failed`);
  } finally {
    await stopStores(stores);
    rmSync(folder, { recursive: true, force: true });
  }
});

function startVitest(report, env) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  // Integration tests wait more than they compute, and each worker has processes of its own: no more workers than cores.
  const workers = `--maxWorkers=${Math.max(1, availableParallelism())}`;
  const args = [
    join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    workers,
    ...reporters,
    ...process.argv.slice(2),
  ];
  return spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
}

/** What failed without being a test, such as a file that does not load or an error between tests, counts as one failure each. */
function counts(report, code) {
  let result;
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch (error) {
    console.error(`vitest left no report (${error.message})`);
    return { passed: 0, failed: 1 };
  }
  const unloaded = result.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  // A skipped test is a promise that nobody keeps. Whoever names files or tests on the command line skips the others.
  const skipped = process.argv.length > 2 ? 0 : result.numPendingTests + result.numTodoTests;
  if (skipped > 0) console.error(`${skipped} tests were skipped; none may be.`);
  const failed = result.numFailedTests + unloaded.length + skipped;
  return { passed: result.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
}
