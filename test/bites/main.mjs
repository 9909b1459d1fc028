/**
 * Plants one violation of each kind in a temporary copy of the checkout, runs the step of the check that is meant for it, and
 * expects it to be red with the right words. `node test/bites/main.mjs [word]` runs those whose name holds the word.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../tools/process/run.mjs';
import { bites } from './bites.mjs';
import { copyOf } from './copy.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const word = process.argv[2] ?? '';
const wanted = bites.filter(({ name }) => name.includes(word));
const rounds = Map.groupBy(wanted, (bite) => bite.round ?? bite);
const waiting = [...rounds.values()];
let toothless = 0;

async function lane() {
  for (let round = waiting.shift(); round !== undefined; round = waiting.shift()) {
    const { code, output } = await plantAndRun(round);
    for (const { name, step, says } of round) {
      if (code !== 0 && says.test(output)) {
        console.log(`seen    ${name}`);
        continue;
      }
      toothless += 1;
      console.log(
        `MISSED  ${name}: the step ${step} is ${code === 0 ? 'green' : `red, but does not say ${says}`}:\n${output}`,
      );
    }
  }
}

/** Plants all of a round in one copy and runs the step that they share. */
async function plantAndRun(round) {
  const [{ step, paths = [], built = false }] = round;
  const copy = copyOf(root, { built });
  try {
    for (const [path, make] of round.flatMap(({ plant }) => Object.entries(plant))) {
      const file = join(copy.folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, make(existsSync(file) ? readFileSync(file, 'utf8') : ''));
    }
    const words = [
      join(copy.folder, 'tools', 'check.mjs'),
      step,
      ...(paths.length > 0 ? [`--paths=${paths.join(',')}`] : []),
    ];
    return await run(process.execPath, words, { cwd: copy.folder });
  } finally {
    copy.dispose();
  }
}

await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, lane));
if (toothless > 0) process.exitCode = 1;
