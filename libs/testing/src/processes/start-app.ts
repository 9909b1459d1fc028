import { fileURLToPath } from 'node:url';
import { bareEnvironment } from '../stores.js';
import { Child, type ChildExit, workspaceRoot } from './child.js';

const readyTimeoutMs = 60_000;

/** A process of Busbar that serves. */
export interface RunningApp {
  readonly name: string;
  readonly pid: number;
  /** By what they are for: `stations`, `health`, `api`. */
  readonly ports: Readonly<Record<string, number>>;
  /** Its log, line by line, the newest 20,000. */
  readonly lines: readonly string[];
  readonly exit: Promise<ChildExit>;
  readonly running: boolean;
  /** For `SIGSTOP` and `SIGCONT`: does not wait. */
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL unless told otherwise; resolves when it has ended. */
  kill(signal?: NodeJS.Signals): Promise<ChildExit>;
  /** SIGTERM; resolves when it has ended, and fails when that takes over 40 s. */
  stop(): Promise<ChildExit>;
}

/**
 * Runs `apps/<name>` from its build and waits until it says that it is ready. It gets `env` and nothing else of
 * Busbar's. The test stops it; if the test process ends first, it is killed.
 */
export async function startApp(name: string, env: Readonly<Record<string, string>>): Promise<RunningApp> {
  const main = fileURLToPath(new URL(`apps/${name}/dist/main.js`, workspaceRoot));
  const child = new Child(name, ['--enable-source-maps', main], {
    env: { ...bareEnvironment(), ...env },
    cwd: fileURLToPath(workspaceRoot),
  });
  try {
    const ports = await child.line('it is ready', readyPorts, readyTimeoutMs);
    return new AppOf(child, ports);
  } catch (error) {
    await child.kill();
    throw error;
  }
}

class AppOf implements RunningApp {
  constructor(
    private readonly child: Child,
    readonly ports: Readonly<Record<string, number>>,
  ) {}

  get name(): string {
    return this.child.name;
  }

  get pid(): number {
    return this.child.pid;
  }

  get lines(): readonly string[] {
    return this.child.lines;
  }

  get exit(): Promise<ChildExit> {
    return this.child.exit;
  }

  get running(): boolean {
    return this.child.running;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.signal(signal);
  }

  kill(signal?: NodeJS.Signals): Promise<ChildExit> {
    return this.child.kill(signal);
  }

  stop(): Promise<ChildExit> {
    return this.child.stop();
  }
}

function readyPorts(line: string): Record<string, number> | undefined {
  if (!line.includes('"msg":"ready"')) return undefined;
  const { msg, ports } = JSON.parse(line) as { msg: string; ports?: Record<string, number> };
  return msg === 'ready' ? (ports ?? {}) : undefined;
}
