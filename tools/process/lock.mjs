import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { identityOf } from './identity.mjs';

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
    for (let round = 0; round < 20; round++) {
      if (linked(own, path)) return { release: () => releaseLock(path, content) };
      const holder = holderOf(path);
      if (holder === null) continue; // It was released between the two looks.
      if (identityOf(holder.pid) === holder.identity) return { heldBy: holder.pid };
      takeAway(path, holder);
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

/** Moves a dead holder's lock aside. Two that do so at once may move a living one: it is put back. */
function takeAway(path, dead) {
  const aside = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  const moved = holderOf(aside);
  if (moved !== null && moved.identity !== dead.identity) linked(aside, path);
  rmSync(aside, { force: true });
}

function releaseLock(path, content) {
  try {
    if (readFileSync(path, 'utf8') === content) rmSync(path, { force: true });
  } catch (error) {
    if (error.code !== 'ENOENT') throw error; // Whoever emptied the state took the lock along.
  }
}
