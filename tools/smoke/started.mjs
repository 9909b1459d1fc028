import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { cleanEnvironment } from '../bootstrap/environment.mjs';
import { Refusal } from '../process/refusal.mjs';

const READY_WITHIN_MS = 300_000;
const STOPPED_WITHIN_MS = 60_000;

/** `npm start` in a clone, with what it has printed so far. */
export class Started {
  output = '';
  #child;
  #exit;

  constructor(checkout, [first, second, api]) {
    const env = {
      ...cleanEnvironment(process.env),
      BUSBAR_SERVICES: 'packages',
      BUSBAR_GATEWAY_PORTS: `${first},${second}`,
      BUSBAR_API_PORT: String(api),
    };
    for (const name of ['BUSBAR_STATE_DIR', 'BUSBAR_POSTGRES_URL', 'BUSBAR_NATS_URL', 'BUSBAR_REDIS_URL'])
      delete env[name];
    // A group of its own, so that a failure can end all of it.
    this.#child = spawn('npm', ['start'], { cwd: checkout, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout.setEncoding('utf8').on('data', (text) => this.#take(text));
    this.#child.stderr.setEncoding('utf8').on('data', (text) => this.#take(text));
    this.#exit = new Promise((resolve) => this.#child.once('close', (code, signal) => resolve({ code, signal })));
  }

  async untilReady() {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!/^Busbar is ready: /m.test(this.output)) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Refusal('npm start ended before it was ready.');
      if (Date.now() > deadline) throw new Refusal(`npm start was not ready within ${READY_WITHIN_MS / 1000} s.`);
      await pause(100);
    }
  }

  /** SIGTERM, as a process manager would send it, to npm itself. */
  async stop() {
    this.#child.kill('SIGTERM');
    const late = new AbortController();
    const end = await Promise.race([this.#exit, pause(STOPPED_WITHIN_MS, null, { signal: late.signal })]);
    late.abort();
    if (end === null) throw new Refusal(`npm start was still there ${STOPPED_WITHIN_MS / 1000} s after SIGTERM.`);
    if (end.code !== 0)
      throw new Refusal(`npm start ended with ${end.signal ?? `exit code ${end.code}`} after SIGTERM, not with 0.`);
  }

  /** After a failure: what still runs is asked to stop, then made to. */
  async end() {
    const { pid } = this.#child;
    if (pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    process.kill(-pid, 'SIGTERM');
    if ((await Promise.race([this.#exit, pause(STOPPED_WITHIN_MS, null)])) === null) process.kill(-pid, 'SIGKILL');
  }

  #take(text) {
    this.output = (this.output + text).slice(-100_000);
  }
}
