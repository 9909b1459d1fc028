/**
 * `npm run check`: everything that can be said about the code without running it. `node tools/check.mjs [step …]` runs some
 * of it; `--paths=a,b` narrows types, lint, format and boundaries. One line a step; a failing one prints what its tool said.
 */
import { parseArgs } from 'node:util';
import { steps } from './check/steps.mjs';
import { Refusal, runCommand } from './process/refusal.mjs';

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { paths: { type: 'string', default: '.' } },
  });
  const unknown = positionals.find((name) => !steps.some((step) => step.name === name));
  if (unknown !== undefined)
    throw new Refusal(
      `There is no step ${JSON.stringify(unknown)}; there are ${steps.map(({ name }) => name).join(', ')}.`,
    );
  const wanted = positionals.length === 0 ? steps : steps.filter(({ name }) => positionals.includes(name));
  const since = Date.now();
  const failed = [];
  for (const { name, what, run } of wanted) {
    const began = Date.now();
    const { ok, output } = await run(values.paths.split(','));
    console.log(
      `${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(11)} ${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${what}`,
    );
    if (ok) continue;
    failed.push(name);
    console.log(`${output.trim()}\n`);
  }
  if (failed.length > 0) throw new Refusal(`The check failed: ${failed.join(', ')}.`);
  console.log(`All ${wanted.length} steps are green in ${((Date.now() - since) / 1000).toFixed(1)} s.`);
});
