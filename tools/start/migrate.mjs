/**
 * Brings the schemas of the apps named on the command line up to date, one after the other: what each app's own
 * `migrate.js` does, in one process, which loads what they share once.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../process/places.mjs';

for (const app of process.argv.slice(2)) {
  await import(pathToFileURL(join(ROOT, 'apps', app, 'dist', 'migrate.js')).href);
  // They do not throw: they log why, and set the exit code.
  if (process.exitCode) process.exit();
}
