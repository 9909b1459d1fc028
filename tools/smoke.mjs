/**
 * `npm run smoke`: does a fresh clone really charge? Clones HEAD into a temporary folder, starts it on the bare way (nothing
 * from PATH, ports of its own), types the printed command, waits for energy, stops it, and looks for what is left.
 * Needs Node 20, npm, git and Debian's packages.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { identityOf } from './process/identity.mjs';
import { ROOT } from './process/places.mjs';
import { freePort, isFree } from './process/ports.mjs';
import { Refusal, runCommand } from './process/refusal.mjs';
import { run } from './process/run.mjs';
import { Started } from './smoke/started.mjs';

const ENERGY_WITHIN_MS = 90_000;

await runCommand(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'busbar-smoke-'));
  const since = Date.now();
  const say = (text) => console.log(`${((Date.now() - since) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  let busbar = null;
  try {
    const checkout = join(folder, 'busbar');
    const cloned = await run('git', ['clone', '--quiet', ROOT, checkout]);
    if (cloned.code !== 0) throw new Refusal(`git clone failed: ${cloned.output}`);
    // Root starts PostgreSQL as another user, which must be able to enter.
    spawnSync('chmod', ['755', folder]);
    const ports = [await freePort(), await freePort(), await freePort()];
    say(`cloned HEAD into ${checkout}`);
    busbar = new Started(checkout, ports);
    await busbar.untilReady();
    say('npm start says that it is ready');
    const ready = JSON.parse(readFileSync(join(checkout, '.busbar', 'ready.json'), 'utf8'));
    await charge(busbar, ready, say);
    await busbar.stop();
    say('stopped with exit code 0');
    await nothingLeft(ready, ports);
    say('no process left, every port free');
    console.log(`\nSmoke is green in ${((Date.now() - since) / 1000).toFixed(0)} s.`);
  } catch (error) {
    if (busbar !== null) console.error(`--- what npm start printed\n${busbar.output}\n---`);
    throw error;
  } finally {
    await busbar?.end();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Types the printed command, and follows the charge that it starts until energy has flowed. */
async function charge(busbar, ready, say) {
  const command = /^\s*(curl .*RequestStartTransaction.*)$/m.exec(busbar.output)?.[1];
  if (command === undefined) throw new Refusal('npm start printed no curl that starts a charge.');
  const typed = await run('/bin/sh', ['-c', command]);
  const answer = parsed(typed.output);
  if (typed.code !== 0 || answer?.outcome !== 'accepted')
    throw new Refusal(`The printed curl was answered with: ${typed.output}`);
  say(`the printed curl was accepted by ${answer.station}`);
  const deadline = Date.now() + ENERGY_WITHIN_MS;
  for (;;) {
    const { items } = await ask(ready, `/v1/transactions?station=${answer.station}&limit=50`);
    const charging = items.find(({ remoteStartCommandId }) => remoteStartCommandId === answer.id);
    if (charging?.energyWh > 0) {
      say(`transaction ${charging.id} has ${charging.energyWh} Wh`);
      return;
    }
    if (Date.now() > deadline)
      throw new Refusal(`No energy within ${ENERGY_WITHIN_MS / 1000} s: ${JSON.stringify(charging ?? items)}`);
    await pause(250);
  }
}

async function ask({ api, key }, path) {
  const response = await fetch(`${api}${path}`, {
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Refusal(`GET ${path} was answered with ${response.status}: ${await response.text()}`);
  return response.json();
}

async function nothingLeft(ready, ports) {
  const left = ready.processes.filter(({ pid, startedAs }) => pid !== null && identityOf(pid) === startedAs);
  if (left.length > 0)
    throw new Refusal(`Still there after the stop: ${left.map(({ name, pid }) => `${name} (${pid})`).join(', ')}.`);
  for (const port of [...ports, ...ready.processes.flatMap((one) => Object.values(one.ports))]) {
    if (!(await isFree(port))) throw new Refusal(`Port ${port} is still taken after the stop.`);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Said with the whole text where it matters.
  }
}
