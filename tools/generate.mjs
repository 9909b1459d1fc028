/**
 * Writes every file that is made from another: `node tools/generate.mjs`. With --check nothing is written; it fails and
 * names what is out of step. The build must be up to date: pages about settings come from the apps' own schemas.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFiles } from './generate/files.mjs';
import { ROOT } from './process/places.mjs';
import { Refusal, runCommand } from './process/refusal.mjs';

await runCommand(async () => {
  const stale = [];
  for (const { path, make } of generatedFiles()) {
    const text = await make();
    const file = join(ROOT, path);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    stale.push(path);
    if (!process.argv.includes('--check')) writeFileSync(file, text);
  }
  if (stale.length === 0) return console.log('Generated files are in step.');
  if (process.argv.includes('--check'))
    throw new Refusal(
      `Out of step with what they are made from: ${stale.join(', ')}. Run \`node tools/generate.mjs\`.`,
    );
  console.log(`Written: ${stale.join(', ')}.`);
});
