import { existsSync, realpathSync, statfsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { Refusal } from '../process/refusal.mjs';
import { run } from '../process/run.mjs';
import { step } from './progress.mjs';

/** npm's own script, to be run under the Node of our choice. */
export function npmScript() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [
    process.env.npm_execpath,
    ...folders.map((folder) => join(folder, 'npm')),
    join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    '/usr/share/nodejs/npm/bin/npm-cli.js',
  ];
  for (const candidate of candidates) {
    if (!candidate || !existsSync(candidate)) continue;
    const script = realpathSync(candidate);
    if (script.endsWith('npm-cli.js')) return script;
  }
  throw new Refusal(
    'Busbar installs its parts with npm, and there is no npm on PATH: install Node 20 or later with npm.',
  );
}

/** Runs npm with a progress line; a failure becomes the sentence that explains it. */
export async function npm(what, node, args, { cwd, env }) {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  // npm's own patience is more than a minute: who has no network should know sooner.
  const patience = ['--fetch-retries=3', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  const done = step(what);
  const { code, output } = await run(node, [npmScript(), ...args, ...quiet, ...patience], { cwd, env });
  // npm calls it a success when the disk was too full to write some of the files.
  if (code === 0 && !isFull(cwd)) {
    done();
    return;
  }
  done('failed');
  throw new Refusal(isFull(cwd) ? fullSentence(cwd) : sentenceFor(output, what));
}

const FULL_BYTES = 16 * 1024 * 1024;

/** Asked after a failure, because what is cut short on a full disk may fail in any way. */
export function isFull(folder) {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < FULL_BYTES;
}

export function fullSentence(folder) {
  return `The disk that holds ${folder} is full: Busbar needs about 1 GB for its Node, its dependencies and its state.`;
}

const CAUSES = [
  [
    /\b(EACCES|EPERM|EROFS)\b/,
    (output) =>
      `No permission to write ${/(?:path|mkdir|open|rename) '?(\/[^\s']+)/.exec(output)?.[1] ?? 'into the checkout'}: the checkout and npm's cache must belong to you.`,
  ],
  [
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b|network/i,
    () => 'No network: npm could not reach its registry. The first start needs it; later ones do not.',
  ],
];

function sentenceFor(output, what) {
  const cause = CAUSES.find(([pattern]) => pattern.test(output));
  const shown = output.trim().split('\n').slice(-15).join('\n');
  return cause ? cause[1](output) : `${what} failed:\n${shown}`;
}
