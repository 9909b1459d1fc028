import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atLeast, foldersWith, versionOf } from './binaries.mjs';
import { debianPackages } from './packages.mjs';
import { untilServing } from './probe.mjs';

const VERSION = /v(\d+)\.(\d+)/;
const OLDEST = [2, 9];
const PAYLOAD_BYTES_MAX = 8 * 1024 * 1024;

/** A private NATS with JetStream below `state/nats`: what `Supervised` needs to run it, and its url. 127.0.0.1 only. */
export async function natsStore({ state, packages, port, packagesOnly, fileStoreBytes, say }) {
  const home = join(state, 'nats');
  mkdirSync(home, { recursive: true });
  const { file, env, version } = await findNats({ packages, packagesOnly, say });
  const serverName = `busbar-${port}`;
  const config = join(home, 'nats.conf');
  writeFileSync(
    config,
    [
      `listen: "127.0.0.1:${port}"`,
      `server_name: "${serverName}"`,
      // Four times the largest frame, and room for a batch of them.
      `max_payload: ${PAYLOAD_BYTES_MAX}`,
      'jetstream {',
      `  store_dir: ${JSON.stringify(home)}`,
      '  max_memory_store: 268435456',
      `  max_file_store: ${fileStoreBytes}`,
      '}',
      '',
    ].join('\n'),
  );
  return {
    name: 'nats',
    url: `nats://127.0.0.1:${port}`,
    port,
    origin: `NATS ${version} from ${file}`,
    process: {
      launch: () => ({ file, args: ['-c', config], env, cwd: home }),
      serves: ({ signal }) => untilServing('127.0.0.1', port, '', (got) => saysInfo(got, serverName), signal),
      stopSignal: 'SIGINT',
      startAttempts: 3,
    },
  };
}

async function findNats({ packages, packagesOnly, say }) {
  for (const folder of packagesOnly ? [] : foldersWith('nats-server')) {
    const file = join(folder, 'nats-server');
    const version = versionOf(file, VERSION);
    if (version !== null && atLeast(version, OLDEST)) return { file, env: process.env, version: version.join('.') };
  }
  const { root, env } = await debianPackages(packages, say);
  const file = join(root, 'usr', 'sbin', 'nats-server');
  return { file, env, version: versionOf(file, VERSION, { env })?.join('.') ?? 'of an unknown version' };
}

/** The server speaks first: one INFO line, which names it and says whether JetStream is on. */
function saysInfo(got, serverName) {
  const line = got.toString('utf8');
  if (!line.includes('\r\n')) return undefined;
  return (
    line.startsWith('INFO ') && line.includes(`"server_name":"${serverName}"`) && line.includes('"jetstream":true')
  );
}
