import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from '../process/lock.mjs';
import { Refusal } from '../process/refusal.mjs';
import { run } from '../process/run.mjs';

const WANTED = ['nats-server', 'redis-server', 'redis-tools'];

/**
 * NATS and Redis out of Debian's or Ubuntu's packages, unpacked below `folder` without installing anything: the system is
 * not touched and no rights are needed. Returns `{ root, env }`: the unpacked tree and the environment its programs need.
 * Rejects with a Refusal when this machine cannot do that.
 */
export async function debianPackages(folder, say) {
  const root = join(folder, 'root');
  if (!existsSync(root)) {
    mkdirSync(folder, { recursive: true });
    const held = await lock(join(folder, 'lock'), (pid) =>
      say(`waiting for process ${pid}, which is fetching NATS and Redis`),
    );
    try {
      if (!existsSync(root)) await fetchInto(folder, root, say);
    } finally {
      held.release();
    }
  }
  return { root, env: { ...process.env, LD_LIBRARY_PATH: libraryFolders(root).join(':') } };
}

async function fetchInto(folder, root, say) {
  for (const tool of ['apt-get', 'dpkg-deb']) {
    if (spawnSync(tool, ['--version']).status !== 0) throw new Refusal(noPackages(`${tool} is not here`));
  }
  say('fetching NATS and Redis from the distribution’s packages');
  const downloads = join(folder, 'downloads');
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(downloads, { recursive: true });
  // The system's own package lists first; lists of our own when those are empty or too old to be true.
  let failure = await download([], downloads);
  if (failure !== null) {
    const own = ownLists(folder);
    say('fetching the distribution’s package lists');
    // Without the error mode, apt calls it a success when nothing could be reached.
    const updated = await run('apt-get', [...own, '-o', 'APT::Update::Error-Mode=any', '-qq', 'update']);
    if (updated.code !== 0) throw new Refusal(noPackages(`apt-get update failed: ${lastLine(updated.output)}`));
    failure = await download(own, downloads);
  }
  if (failure !== null) throw new Refusal(noPackages(failure));

  const unpacked = join(folder, `unpacking-${process.pid}`);
  for (const file of readdirSync(downloads).filter((name) => name.endsWith('.deb'))) {
    const opened = await run('dpkg-deb', ['-x', join(downloads, file), unpacked]);
    if (opened.code !== 0) throw new Refusal(`Unpacking ${file} failed: ${lastLine(opened.output)}`);
  }
  renameSync(unpacked, root);
  rmSync(downloads, { recursive: true, force: true });
}

/** Downloads the wanted packages and what they need that is not installed. Null, or why it failed. */
async function download(options, downloads) {
  // Only printed, not installed, so it needs no rights. Reinstall, because one that is installed is to be unpacked as well.
  const plan = ['-qq', '--print-uris', '--reinstall', '--no-install-recommends', 'install', ...WANTED];
  const planned = await run('apt-get', [...options, ...plan]);
  if (planned.code !== 0) return lastLine(planned.output);
  const names = [...planned.output.matchAll(/^'\S+' ([a-z0-9][a-z0-9+.-]*)_/gm)].map((match) => match[1]);
  const missing = WANTED.filter((name) => !names.includes(name));
  if (missing.length > 0) return `no package ${missing.join(', ')} in the lists`;
  const fetched = await run('apt-get', [...options, '-qq', 'download', ...names], { cwd: downloads });
  return fetched.code === 0 ? null : lastLine(fetched.output);
}

function ownLists(folder) {
  const apt = join(folder, 'apt');
  mkdirSync(join(apt, 'lists', 'partial'), { recursive: true });
  mkdirSync(join(apt, 'cache', 'archives', 'partial'), { recursive: true });
  const settings = [`Dir::State::lists=${apt}/lists`, `Dir::Cache=${apt}/cache`, 'APT::Sandbox::User=root'];
  return settings.flatMap((setting) => ['-o', setting]);
}

function libraryFolders(root) {
  return ['usr/lib', 'lib'].flatMap((base) => {
    const parent = join(root, base);
    if (!existsSync(parent)) return [];
    return readdirSync(parent)
      .filter((name) => name.includes('-linux-gnu'))
      .map((name) => join(parent, name));
  });
}

function lastLine(output) {
  const lines = output.trim().split('\n');
  return lines.find((line) => line.startsWith('E:')) ?? lines.at(-1) ?? '';
}

function noPackages(why) {
  return (
    `NATS and Redis are not on this machine and could not be fetched from its packages (${why}). ` +
    'Start them with `docker compose -f deploy/compose.yaml up -d` and set BUSBAR_NATS_URL and BUSBAR_REDIS_URL as that ' +
    'file says, or install them (macOS: `brew install nats-server redis`; Debian: `apt install nats-server redis-server`).'
  );
}
