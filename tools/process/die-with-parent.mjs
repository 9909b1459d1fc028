import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const SETPRIV = '/usr/bin/setpriv';
let offered;

/**
 * Wraps a command so that the kernel sends it `signal` when we die without a word (kill -9). Only Linux with util-linux's
 * setpriv has that; elsewhere the command is left as it is and the next start clears what was left over.
 */
export function dieWithParent(file, args, signal) {
  offered ??= process.platform === 'linux' && existsSync(SETPRIV) && knowsDeathSignal();
  if (!offered) return { file, args };
  return { file: SETPRIV, args: ['--pdeathsig', signal, '--', file, ...args] };
}

function knowsDeathSignal() {
  return spawnSync(SETPRIV, ['--help'], { encoding: 'utf8' }).stdout?.includes('--pdeathsig') ?? false;
}
