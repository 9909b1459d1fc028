import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tryLock } from '../../tools/process/lock.mjs';

const LOCK_MODULE = new URL('../../tools/process/lock.mjs', import.meta.url).href;
let folder;
let path;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'busbar-lock-'));
  path = join(folder, 'state', 'lock');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Another process that holds the lock until it is killed. */
async function holder() {
  const script = `import(${JSON.stringify(LOCK_MODULE)}).then(({ tryLock }) => { console.log(tryLock(${JSON.stringify(path)}).release ? 'held' : 'refused'); setInterval(() => undefined, 1e6); })`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(child.stdout, 'data');
  return { child, said: String(said).trim() };
}

// Two starts on one state folder would ruin its databases.
it('tells the second who has it, until that one is gone', async () => {
  const { child, said } = await holder();
  expect(said).toBe('held');
  expect(tryLock(path)).toEqual({ heldBy: child.pid });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const taken = tryLock(path);
  expect(taken.release).toBeTypeOf('function');
  taken.release();
  expect(existsSync(path)).toBe(false);
});

// Of many that find a dead holder's lock at once, one gets it.
it('gives a dead holder’s lock to one only', async () => {
  const { child } = await holder();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const rivals = await Promise.all(Array.from({ length: 5 }, holder));
  expect(rivals.map(({ said }) => said).sort()).toEqual(['held', 'refused', 'refused', 'refused', 'refused']);
  for (const rival of rivals) rival.child.kill('SIGKILL');
});
