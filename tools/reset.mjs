/**
 * Empties what `npm start` remembers: databases, streams, keys, logs. Refuses while it runs. What was fetched (Node, packages)
 * stays; `npm run reset -- --all` removes that as well.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from './process/lock.mjs';
import { stateFolder } from './process/places.mjs';
import { Refusal, runCommand } from './process/refusal.mjs';

/** Names that we make in a state folder; anything else there is not ours to remove. */
const MADE = /^(postgres|nats|redis|logs|secrets\.json|demo\.json|simulator-\d+\.json|ready\.json)$/;
const FETCHED = /^(packages|node-.*)$/;

await runCommand(() => {
  const state = stateFolder();
  if (!existsSync(state)) return console.log(`Nothing to empty: there is no ${state}.`);
  const held = tryLock(join(state, 'start.lock'));
  if (!held.release) throw new Refusal(`Busbar runs on ${state} (process ${held.heldBy}): stop it first.`);
  try {
    const all = process.argv.includes('--all');
    const gone = readdirSync(state).filter((name) => MADE.test(name) || (all && FETCHED.test(name)));
    for (const name of gone) rmSync(join(state, name), { recursive: true, force: true });
    console.log(gone.length === 0 ? `${state} was empty already.` : `Emptied ${state}: ${gone.join(', ')}.`);
  } finally {
    held.release();
  }
});
