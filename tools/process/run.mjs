import { spawn } from 'node:child_process';

const OUTPUT_MAX = 4 * 1024 * 1024;

/**
 * Runs a program to its end: `{ code, output }` with both of its output streams in order, the last 4 MiB of them. A program
 * that cannot be started has code 127, one that a signal ended has code null. `uid` and `gid` name
 * another user to run it as, `onOutput` sees the text as it comes.
 */
export function run(file, args, { cwd, env = process.env, uid, gid, onOutput } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd,
      // Messages in English, since some are looked at for the reason of a failure.
      env: { ...env, LC_ALL: 'C.UTF-8' },
      ...(uid === undefined ? {} : { uid, gid }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const take = (chunk) => {
      output = (output + chunk).slice(-OUTPUT_MAX);
      onOutput?.(String(chunk));
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('error', (error) => resolve({ code: 127, output: `${file}: ${error.message}` }));
    child.once('close', (code) => resolve({ code, output }));
  });
}
