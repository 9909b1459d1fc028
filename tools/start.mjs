/**
 * Everything up, on one machine: stores, schemas, services, gateways, the API and a few charging stations that charge.
 * `npm start` runs this through tools/bootstrap.mjs. Its variables are listed at the end of docs/config.md.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from './process/lock.mjs';
import { Refusal, runCommand } from './process/refusal.mjs';
import { onStopSignal } from './process/signals.mjs';
import { Busbar } from './start/busbar.mjs';
import { readSettings } from './start/settings.mjs';

await runCommand(async () => {
  const settings = readSettings();
  mkdirSync(settings.state, { recursive: true });
  const held = tryLock(join(settings.state, 'start.lock'));
  if (!held.release) {
    throw new Refusal(
      `Busbar already runs on ${settings.state} (process ${held.heldBy}): stop that, or set BUSBAR_STATE_DIR.`,
    );
  }
  const busbar = new Busbar(settings);
  onStopSignal(async () => {
    await busbar.stop();
    held.release();
    process.exit(0);
  });
  try {
    await busbar.start();
  } catch (error) {
    if (busbar.stopping) return; // Ctrl-C during the start: what failed failed because it was stopped.
    await busbar.stop();
    held.release();
    throw error;
  }
});
