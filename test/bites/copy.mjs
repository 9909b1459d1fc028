import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * A temporary copy of the checkout as it stands, committed or not, to plant a violation in. Dependencies are linked, and our
 * own packages point into the copy. With `built`, what was compiled is linked as well. Remove it with `dispose`.
 */
export function copyOf(root, { built }) {
  const folder = mkdtempSync(join(tmpdir(), 'busbar-bite-'));
  for (const file of filesOf(root)) {
    if (!existsSync(join(root, file))) continue; // Deleted in the work tree, and not yet in git.
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  // Tools ask git which files to leave out.
  spawnSync('git', ['init', '-q'], { cwd: folder });
  linkModules(root, folder);
  if (built) linkBuilt(root, folder);
  return { folder, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}

function filesOf(root) {
  const listed = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (listed.status !== 0) throw new Error(`git ls-files failed: ${listed.stderr}`);
  return listed.stdout.split('\0').filter((file) => file !== '');
}

function linkModules(root, folder) {
  const from = join(root, 'node_modules');
  const to = join(folder, 'node_modules');
  mkdirSync(join(to, '@busbar'), { recursive: true });
  for (const entry of readdirSync(from)) if (entry !== '@busbar') symlinkSync(join(from, entry), join(to, entry));
  for (const group of ['apps', 'libs', 'test']) {
    for (const project of readdirSync(join(folder, group))) {
      const name = group === 'test' ? null : join(to, '@busbar', project);
      if (name !== null) symlinkSync(join(folder, group, project), name);
      const own = join(root, group, project, 'node_modules');
      if (existsSync(own)) symlinkSync(own, join(folder, group, project, 'node_modules'));
    }
  }
}

function linkBuilt(root, folder) {
  for (const group of ['apps', 'libs']) {
    for (const project of readdirSync(join(folder, group))) {
      const dist = join(root, group, project, 'dist');
      if (existsSync(dist)) symlinkSync(dist, join(folder, group, project, 'dist'));
    }
  }
}
