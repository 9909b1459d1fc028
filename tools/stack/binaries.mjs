import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where distributions and Homebrew put servers that are not on an ordinary person's PATH. */
const USUAL_PLACES = [
  '/usr/local/bin',
  '/usr/local/sbin',
  '/usr/bin',
  '/usr/sbin',
  '/opt/homebrew/bin',
  '/opt/homebrew/sbin',
];

/** Every folder on PATH or among the usual places that holds an executable of this name, in that order. */
export function foldersWith(program, more = []) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...USUAL_PLACES, ...more].filter(
    (folder) => folder !== '',
  );
  return [...new Set(folders)].filter((folder) => isExecutable(join(folder, program)));
}

/** Debian's and Homebrew's PostgreSQL folders, the newest version first. */
export function postgresFolders() {
  const found = [];
  for (const [root, pattern] of [
    ['/usr/lib/postgresql', /^(\d+)$/],
    ['/opt/homebrew/opt', /^postgresql@(\d+)$/],
    ['/usr/local/opt', /^postgresql@(\d+)$/],
  ]) {
    if (!existsSync(root)) continue;
    for (const entry of readdirSync(root)) {
      const version = pattern.exec(entry)?.[1];
      if (version !== undefined) found.push({ version: Number(version), folder: join(root, entry, 'bin') });
    }
  }
  return found.sort((a, b) => b.version - a.version).map(({ folder }) => folder);
}

export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // Absent and not executable are the same to us.
  }
}

/**
 * The version that a program gives for itself, as `[major, minor]`; null when it does not run. `as` may name the user
 * ({ uid, gid }) who is to run it, `env` its environment.
 */
export function versionOf(file, pattern, { as = {}, env = process.env, args = ['--version'] } = {}) {
  const run = spawnSync(file, args, { encoding: 'utf8', cwd: '/', env, ...as });
  const found = pattern.exec(`${run.stdout ?? ''}${run.stderr ?? ''}`);
  return run.status === 0 && found !== null ? [Number(found[1]), Number(found[2] ?? 0)] : null;
}

/** Whether version a is b or later. */
export function atLeast([majorA, minorA], [majorB, minorB]) {
  return majorA > majorB || (majorA === majorB && minorA >= minorB);
}
