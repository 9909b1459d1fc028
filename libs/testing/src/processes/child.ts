import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const linesMax = 20_000;
const stopTimeoutMs = 40_000;

/**
 * Loaded before the child's own code: it ends when its standard input does, which is when this process does, however
 * that happens. A test run that is killed must leave nobody behind.
 */
const endWithParent = `data:text/javascript,${encodeURIComponent(
  "process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL')).resume().unref();",
)}`;

export interface ChildExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Children of this process that live; they must not outlive it. */
const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** A child process with its output as lines, the newest 20,000 of both streams together. */
export class Child {
  readonly lines: string[] = [];
  readonly exit: Promise<ChildExit>;
  readonly #process: ChildProcess;
  readonly #listeners = new Set<(line: string) => void>();
  #exited: ChildExit | undefined;

  constructor(
    readonly name: string,
    args: readonly string[],
    options: { env: NodeJS.ProcessEnv; cwd: string; readsInput?: boolean },
  ) {
    const { readsInput, ...spawnOptions } = options;
    const before = readsInput ? [] : ['--import', endWithParent];
    this.#process = spawn(process.execPath, [...before, ...args], { ...spawnOptions, stdio: 'pipe' });
    living.add(this.#process);
    this.exit = new Promise((resolve) => {
      // `close` comes after the last line of output, `exit` may not.
      this.#process.once('close', (code, signal) => {
        living.delete(this.#process);
        this.#exited = { code, signal };
        resolve(this.#exited);
      });
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.#onLine(line));
    }
    // Writing to a child that has ended is told by `exit`.
    this.#process.stdin?.on('error', () => undefined);
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error(`${this.name} could not be started`);
    return this.#process.pid;
  }

  get running(): boolean {
    return this.#exited === undefined;
  }

  /** The first line from now on that `select` makes something of. Rejects when the child ends first or time is up. */
  async line<T>(reason: string, select: (line: string) => T | undefined, timeoutMs: number): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    let listener: ((line: string) => void) | undefined;
    const found = new Promise<T>((resolve) => {
      listener = (line) => {
        const value = select(line);
        if (value !== undefined) resolve(value);
      };
      this.#listeners.add(listener);
    });
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#failure(`${reason} within ${timeoutMs} ms`)), timeoutMs);
      void this.exit.then(({ code, signal }) => {
        reject(this.#failure(`${reason} before it ended with ${code ?? signal}`));
      });
    });
    try {
      return await Promise.race([found, late]);
    } finally {
      clearTimeout(timer);
      if (listener) this.#listeners.delete(listener);
    }
  }

  write(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** SIGKILL unless told otherwise; resolves when it has ended. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<ChildExit> {
    this.#process.kill(signal);
    return this.exit;
  }

  /** SIGTERM; a child that is still there after 40 s is killed and that is an error. */
  async stop(): Promise<ChildExit> {
    if (this.#exited) return this.#exited;
    // One that a test has frozen could not hear it.
    this.#process.kill('SIGCONT');
    this.#process.kill('SIGTERM');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), stopTimeoutMs);
    });
    const ended = await Promise.race([this.exit, late]);
    clearTimeout(timer);
    if (ended !== 'late') return ended;
    await this.kill();
    throw this.#failure(`it stopped within ${stopTimeoutMs} ms of SIGTERM`);
  }

  #onLine(line: string): void {
    this.lines.push(line);
    if (this.lines.length > linesMax) this.lines.shift();
    for (const listener of this.#listeners) listener(line);
  }

  #failure(reason: string): Error {
    const last = this.lines.slice(-30).join('\n');
    return new Error(`${this.name}: waited until ${reason}. Its last lines:\n${last}`);
  }
}

/** The workspace's root, from the sources and from the build alike. */
export const workspaceRoot = new URL('../../../../', import.meta.url);
