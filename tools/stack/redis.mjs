import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { atLeast, foldersWith, versionOf } from './binaries.mjs';
import { debianPackages } from './packages.mjs';
import { untilServing } from './probe.mjs';

const VERSION = /v=(\d+)\.(\d+)/;
const OLDEST = [6, 2];

/**
 * A private Redis: what `Supervised` needs to run it, and its url. 127.0.0.1 only, nothing written to disk: the directory
 * is a cache of what the gateways know, and an emptied one is the case that they must heal.
 */
export async function redisStore({ state, packages, port, packagesOnly, say }) {
  const home = join(state, 'redis');
  mkdirSync(home, { recursive: true });
  const { file, env, version } = await findRedis({ packages, packagesOnly, say });
  const options = {
    bind: '127.0.0.1',
    port,
    dir: home,
    save: '',
    appendonly: 'no',
    maxmemory: '512mb',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  };
  return {
    name: 'redis',
    url: `redis://127.0.0.1:${port}`,
    port,
    origin: `Redis ${version} from ${file}`,
    process: {
      launch: () => ({
        file,
        args: Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
        env,
        cwd: home,
      }),
      serves: ({ signal }) => untilServing('127.0.0.1', port, 'PING\r\n', saysPong, signal),
      startAttempts: 3,
    },
  };
}

async function findRedis({ packages, packagesOnly, say }) {
  for (const folder of packagesOnly ? [] : foldersWith('redis-server')) {
    const file = join(folder, 'redis-server');
    const version = versionOf(file, VERSION);
    if (version !== null && atLeast(version, OLDEST)) return { file, env: process.env, version: version.join('.') };
  }
  const { root, env } = await debianPackages(packages, say);
  const file = join(root, 'usr', 'bin', 'redis-server');
  return { file, env, version: versionOf(file, VERSION, { env })?.join('.') ?? 'of an unknown version' };
}

/** -LOADING and other errors mean not yet. */
function saysPong(got) {
  const text = got.toString('latin1');
  if (!text.includes('\r\n')) return undefined;
  return text.startsWith('+PONG');
}
