/** Removes what the compiler made, so that the next build starts from nothing. Leaves node_modules and the state alone. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './process/places.mjs';

for (const group of ['apps', 'libs', 'test']) {
  const folder = join(ROOT, group);
  if (!existsSync(folder)) continue;
  for (const project of readdirSync(folder)) rmSync(join(folder, project, 'dist'), { recursive: true, force: true });
}
