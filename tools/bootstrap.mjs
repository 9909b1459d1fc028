/**
 * Runs one of our scripts from a bare checkout: `node tools/bootstrap.mjs [--no-build] <script.mjs> [arguments]`.
 *
 * Any Node from 20 on will do to run this file. It fetches the pinned Node unless the running one fits, installs the
 * dependencies when they are not the lock file's, compiles, and hands over: arguments, terminal, signals and exit code.
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { compile } from './bootstrap/compile.mjs';
import { installDependencies } from './bootstrap/dependencies.mjs';
import { cleanEnvironment } from './bootstrap/environment.mjs';
import { pinnedNode } from './bootstrap/pinned-node.mjs';
import { lock } from './process/lock.mjs';
import { ROOT, TOOLCHAIN } from './process/places.mjs';
import { Refusal, runCommand } from './process/refusal.mjs';

await runCommand(async () => {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) throw new Refusal(`Busbar's tools need Node 20 or later, and this is ${process.versions.node}.`);
  const given = process.argv.slice(2);
  const build = given[0] !== '--no-build';
  const [script, ...args] = build ? given : given.slice(1);
  if (script === undefined) throw new Refusal('Usage: node tools/bootstrap.mjs [--no-build] <script.mjs> [arguments]');

  const env = cleanEnvironment(process.env);
  // Two at once would pull node_modules out from under each other.
  const held = await lock(join(TOOLCHAIN, 'bootstrap.lock'), (pid) =>
    console.log(`· waiting for process ${pid}, which is setting this checkout up`),
  );
  let node;
  try {
    node = await pinnedNode(env);
    env.PATH = `${node.folder}:${env.PATH}`;
    await installDependencies(node, env);
    if (build) await compile(node, env);
  } finally {
    held.release();
  }
  await handOver(node.file, [resolve(ROOT, script), ...args], env);
});

/** Becomes, as nearly as Node can, the script: it gets our signals, and its end is ours. */
function handOver(file, args, env) {
  return new Promise((done) => {
    const child = spawn(file, args, { stdio: 'inherit', env });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.once('exit', (code, signal) => {
      process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
      done();
    });
  });
}
