import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { identityOf } from './identity.mjs';

const GUARD_MS = 5_000;
/** Never woken: waiting on it is a pause without an event loop. */
const SLEEPER = new Int32Array(new SharedArrayBuffer(4));

/**
 * Takes the lock file or says who has it: `{ release() }`, or `{ heldBy: pid }`. A lock whose holder no longer lives is
 * taken over. Works between processes of one machine on a local file system.
 */
export function tryLock(path) {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${path}.${process.pid}`;
  const content = JSON.stringify({ pid: process.pid, identity: identityOf(process.pid) });
  writeFileSync(own, content);
  try {
    for (let round = 0; round < 1_000; round++) {
      if (linked(own, path)) return { release: () => releaseLock(path, content) };
      const holder = holderOf(path);
      if (holder === null) continue; // It was released between the two looks.
      if (identityOf(holder.pid) === holder.identity) return { heldBy: holder.pid };
      removeDead(path, holder);
      Atomics.wait(SLEEPER, 0, 0, 10);
    }
    return { heldBy: holderOf(path)?.pid ?? 0 };
  } finally {
    rmSync(own, { force: true });
  }
}

/** Waits for the lock as long as its holder lives; `onWait` is told once whom it waits for. */
export async function lock(path, onWait) {
  for (let told = false; ; told = true) {
    const taken = tryLock(path);
    if (taken.release) return taken;
    if (!told) onWait(taken.heldBy);
    await pause(200);
  }
}

function linked(own, path) {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function holderOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    if (error instanceof SyntaxError) return { pid: 0, identity: 'unreadable' };
    throw error;
  }
}

/**
 * Removes a dead holder's lock. Only one process at a time may, and it looks again first: otherwise the slower of two would
 * remove the lock that the faster one has just taken. Those who come second come back.
 */
function removeDead(path, dead) {
  const guard = `${path}.removing`;
  try {
    writeFileSync(guard, '', { flag: 'wx' });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const since = statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    // Removing takes no time: whoever made this guard died at it.
    if (Date.now() - since > GUARD_MS) rmSync(guard, { force: true });
    return;
  }
  try {
    if (holderOf(path)?.identity === dead.identity) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

function releaseLock(path, content) {
  try {
    if (readFileSync(path, 'utf8') === content) rmSync(path, { force: true });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error; // Whoever emptied the state took the lock along.
  }
}
