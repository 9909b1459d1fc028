import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../process/places.mjs';
import { Refusal } from '../process/refusal.mjs';

/** A module of the build, by its path in the checkout without `dist`: `built('libs/config', 'index')`. */
export async function built(project, module) {
  const file = join(ROOT, project, 'dist', `${module}.js`);
  if (!existsSync(file)) throw new Refusal(`${file} is not built: run \`npm run build\` first.`);
  return import(pathToFileURL(file).href);
}
