import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { dieWithParent } from './die-with-parent.mjs';

const BACK_OFF_FIRST_MS = 200;
const BACK_OFF_LAST_MS = 5_000;
/** A process that served this long starts its back-off anew. */
const SETTLED_MS = 10_000;
const LOG_BYTES_MAX = 16 * 1024 * 1024;

/**
 * One child process that is kept running: started, watched until it serves, restarted with back-off when it dies, and
 * stopped. Its output goes to a log file that is rotated at each start of it.
 *
 * Options: `name`; `launch()` gives `{ file, args, env, cwd, uid, gid }` for each start; `serves(line$, signal)` resolves
 * once the process serves (see `Serving` below); `stopSignal`, `stopGraceMs`; `logFile`; `readyTimeoutMs`; `restart`;
 * `startAttempts`; `onEvent({ event, name, … })` is told `died`, `restarted` and `still-down`.
 */
export class Supervised {
  #options;
  #child = null;
  #wanted = false;
  #down = null;
  #listeners = new Set();
  #tending = Promise.resolve();
  #wake = new AbortController();

  constructor(options) {
    this.#options = {
      stopSignal: 'SIGTERM',
      stopGraceMs: 10_000,
      readyTimeoutMs: 30_000,
      restart: true,
      startAttempts: 1,
      ...options,
    };
  }

  get name() {
    return this.#options.name;
  }

  /** The living process's pid, otherwise null. */
  get pid() {
    return this.#child?.pid ?? null;
  }

  /** What `serves` resolved to at the latest start. */
  info = undefined;

  /** Starts it and resolves when it serves. Rejects with the end of its log when it does not come up. */
  async start() {
    this.#wanted = true;
    this.#wake = new AbortController();
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#bringUp();
        break;
      } catch (error) {
        if (attempt >= this.#options.startAttempts || !this.#wanted) {
          this.#wanted = false;
          throw error;
        }
        await pause(BACK_OFF_FIRST_MS * attempt);
      }
    }
    this.#tending = this.#tend();
  }

  /** Stops it: the stop signal, after the grace period SIGKILL. Resolves when the process is gone. */
  async stop() {
    this.#wanted = false;
    this.#wake.abort();
    await this.#end(this.#options.stopSignal);
    await this.#tending;
  }

  /** SIGKILL, as a test or a curious person would; what follows is up to `restart`. Resolves with the pid that is gone. */
  async kill() {
    const child = this.#child;
    if (child === null) return null;
    const gone = this.#gone(child);
    child.kill('SIGKILL');
    await gone;
    return child.pid;
  }

  async #bringUp() {
    const { launch, name, serves, readyTimeoutMs, logFile } = this.#options;
    const log = openLog(logFile);
    const { file, args, env, cwd, uid, gid } = launch();
    const wrapped = dieWithParent(file, args, this.#options.stopSignal);
    const child = spawn(wrapped.file, wrapped.args, {
      env,
      cwd,
      ...(uid === undefined ? {} : { uid, gid }),
      // A group of its own: Ctrl-C in a terminal is for us, and we stop our children in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    const lines = new Lines();
    child.stdout.on('data', (chunk) => {
      log.write(chunk);
      lines.push(chunk);
    });
    child.stderr.on('data', (chunk) => log.write(chunk));
    child.once('close', () => log.close());
    await started;
    this.#child = child;
    child.once('exit', (code, signal) => this.#exited(child, code, signal));

    const abort = new AbortController();
    const gone = this.#gone(child).then(({ code, signal }) => {
      throw new Error(
        `${name} ended (${code === null ? signal : `exit ${code}`}) before it served; the end of ${logFile}:\n${tailOf(logFile)}`,
      );
    });
    const late = pause(readyTimeoutMs, undefined, { signal: abort.signal }).then(() => {
      throw new Error(
        `${name} did not serve within ${readyTimeoutMs / 1000} s; the end of ${logFile}:\n${tailOf(logFile)}`,
      );
    });
    for (const loser of [gone, late]) loser.catch(() => undefined); // The race below reports the first; the other one is void.
    try {
      this.info = await Promise.race([serves({ lines, signal: abort.signal, pid: child.pid }), gone, late]);
    } catch (error) {
      await this.#end('SIGKILL');
      throw error;
    } finally {
      abort.abort();
      lines.stop();
    }
  }

  /** Waits for deaths and brings the process back, until it is no longer wanted. */
  async #tend() {
    let failures = 0;
    while (this.#wanted) {
      const since = Date.now();
      const child = this.#child;
      const end = child === null ? (this.#down ?? { code: null, signal: null }) : await this.#gone(child);
      if (!this.#wanted) return;
      this.#tell({ event: 'died', pid: child?.pid ?? null, code: end.code, signal: end.signal });
      if (!this.#options.restart) return;
      if (Date.now() - since >= SETTLED_MS) failures = 0;
      for (;;) {
        const delayMs = Math.min(BACK_OFF_LAST_MS, BACK_OFF_FIRST_MS * 2 ** failures);
        failures = Math.min(failures + 1, 10);
        // The pause ends early only when the process is no longer wanted, which the next line sees.
        await pause(delayMs, undefined, { signal: this.#wake.signal }).catch(() => undefined);
        if (!this.#wanted) return;
        try {
          await this.#bringUp();
          this.#tell({ event: 'restarted', pid: this.pid });
          break;
        } catch (error) {
          if (!this.#wanted) return;
          this.#tell({ event: 'still-down', attempt: failures, reason: error.message });
        }
      }
    }
  }

  #exited(child, code, signal) {
    if (this.#child === child) {
      this.#child = null;
      this.#down = { code, signal };
    }
    for (const listener of [...this.#listeners]) listener(child, { code, signal });
  }

  #gone(child) {
    if (child.exitCode !== null || child.signalCode !== null) {
      return Promise.resolve({ code: child.exitCode, signal: child.signalCode });
    }
    return new Promise((resolve) => {
      const listener = (which, end) => {
        if (which !== child) return;
        this.#listeners.delete(listener);
        resolve(end);
      };
      this.#listeners.add(listener);
    });
  }

  async #end(signal) {
    const child = this.#child;
    if (child === null) return;
    const gone = this.#gone(child);
    child.kill(signal);
    const inTime = new AbortController();
    const late = pause(this.#options.stopGraceMs, 'late', { signal: inTime.signal }).catch(() => 'in time');
    if ((await Promise.race([gone, late])) === 'late') {
      // Its whole group: a child of its own must not survive it.
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        if (error.code !== 'ESRCH') throw error; // It ended in between.
      }
      await gone;
    }
    inTime.abort();
  }

  #tell(event) {
    this.#options.onEvent?.({ ...event, name: this.#options.name });
  }
}

/** The output of a process by lines, for as long as somebody waits for one. */
class Lines {
  #rest = '';
  #waiting = new Set();
  #seen = [];

  push(chunk) {
    if (this.#seen === null) return;
    this.#rest += chunk.toString('utf8');
    const parts = this.#rest.split('\n');
    this.#rest = parts.pop().slice(-65_536);
    for (const line of parts) {
      this.#seen.push(line);
      for (const look of [...this.#waiting]) look(line);
    }
    if (this.#seen.length > 1_000) this.#seen.splice(0, 500);
  }

  /** Resolves with the first thing that `pick` makes of a line, past lines included. */
  find(pick) {
    for (const line of this.#seen ?? []) {
      const found = pick(line);
      if (found !== undefined) return Promise.resolve(found);
    }
    return new Promise((resolve) => {
      const look = (line) => {
        const found = pick(line);
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
    });
  }

  stop() {
    this.#seen = null;
    this.#waiting.clear();
  }
}

/** A log file held to a size: the previous one is kept beside it as `.1`. */
function openLog(path) {
  mkdirSync(dirname(path), { recursive: true });
  rotate(path);
  let fd = openSync(path, 'a');
  let bytes = fstatSync(fd).size;
  return {
    write(chunk) {
      if (fd === null) return;
      if (bytes > LOG_BYTES_MAX) {
        closeSync(fd);
        renameSync(path, `${path}.1`);
        fd = openSync(path, 'a');
        bytes = 0;
      }
      bytes += writeSync(fd, chunk);
    },
    close() {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}

function rotate(path) {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES_MAX / 4) renameSync(path, `${path}.1`);
}

/** The last lines of a log, for a failure's message. */
function tailOf(path, bytes = 2_000) {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return '(empty)';
  const fd = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(Math.min(bytes, size));
    readSync(fd, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8').trimEnd();
  } finally {
    closeSync(fd);
  }
}
