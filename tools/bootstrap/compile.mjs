import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../process/places.mjs';
import { Refusal } from '../process/refusal.mjs';
import { run } from '../process/run.mjs';
import { step } from './progress.mjs';

/** The compiler's own program, as its package names it. */
export function compilerScript() {
  const home = join(ROOT, 'node_modules', 'typescript');
  const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  const script = join(home, bin.tsc);
  if (!existsSync(script)) throw new Refusal(`TypeScript is not in ${home}: remove node_modules and start again.`);
  return script;
}

/** `tsc -b`: the whole build. */
export async function compile(node, env) {
  const done = step('compiling');
  const { code, output } = await run(node.file, [compilerScript(), '-b'], { cwd: ROOT, env });
  if (code === 0) return done();
  done('failed');
  throw new Refusal(`The build failed:\n${output.trim()}`);
}
