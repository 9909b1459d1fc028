import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../process/places.mjs';
import { npm } from './npm.mjs';

const LOCK = join(ROOT, 'package-lock.json');
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json');
/** Inside node_modules, so that it goes when that goes. */
const STAMP = join(ROOT, 'node_modules', '.busbar-stamp');

/** Makes node_modules what the lock file says, for Node 22 on this platform; does nothing when it already is. */
export async function installDependencies(node, env) {
  const text = readFileSync(LOCK, 'utf8');
  const stamp = `${createHash('sha256').update(text).digest('hex')} node22 ${process.platform}-${process.arch}\n`;
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return;
  const wanted = JSON.parse(text).packages;
  if (!isInstalled(wanted)) {
    const count = Object.keys(wanted).filter((path) => path.startsWith('node_modules/')).length;
    const what = `installing dependencies (of ${count} packages what this platform needs)`;
    try {
      await npm(what, node.file, ['ci'], { cwd: ROOT, env });
    } catch (error) {
      // Half an installation must not be taken for a whole one by the next start.
      rmSync(INSTALLED, { force: true });
      throw error;
    }
  }
  writeFileSync(STAMP, stamp);
}

function isInstalled(wanted) {
  if (!existsSync(INSTALLED)) return false;
  return matches(wanted, JSON.parse(readFileSync(INSTALLED, 'utf8')).packages, (path) => existsSync(join(ROOT, path)));
}

/**
 * Whether node_modules already is what the lock file says, although we did not install it: after a person's own
 * `npm install` nothing needs to be done again. What may be absent is what is not for this platform or not for Node 22.
 */
export function matches(wanted, installed, isThere) {
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/')) return true;
    const there = installed[path];
    if (there === undefined)
      return entry.optional === true && (!isForHere(entry) || !parentIsInstalled(path, installed));
    if (entry.link) return there.link === true;
    return there.version === entry.version && isThere(path);
  });
}

/** What is nested below a package that is not for here goes with it. */
function parentIsInstalled(path, installed) {
  const parent = path.slice(0, path.lastIndexOf('/node_modules/'));
  return !path.includes('/node_modules/') || installed[parent] !== undefined;
}

function isForHere({ os, cpu, libc, engines }) {
  return (
    allows(os, process.platform) && allows(cpu, process.arch) && allows(libc, 'glibc') && isForNode22(engines?.node)
  );
}

/** npm's list of names: any of them, or any but those with an exclamation mark. */
function allows(list, value) {
  if (list === undefined) return true;
  const names = [list].flat();
  const refused = names.filter((name) => name.startsWith('!'));
  if (refused.length > 0) return !refused.includes(`!${value}`);
  return names.includes(value);
}

/** Only the form that the native engine's packages use tells versions apart: `>=22.0.0 <23.0.0`. */
function isForNode22(range) {
  const bounds = /^>=(\d+)\.0\.0 <(\d+)\.0\.0$/.exec(range ?? '');
  return bounds === null || (Number(bounds[1]) <= 22 && Number(bounds[2]) > 22);
}
