import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '@busbar/testing';
import { onTestFinished } from 'vitest';

/** A fixture that runs as a process of its own, as services do. */
export interface FixtureProcess {
  readonly lines: Record<string, unknown>[];
  /** Resolves with the first line that has this message. */
  line(message: string): Promise<Record<string, unknown>>;
  signal(name: NodeJS.Signals): void;
  /** The exit code. */
  readonly exit: Promise<number | null>;
}

/** Starts `fixture/<name>.mjs` with nothing but the given variables; killed at the end of the test if still there. */
export function startFixture(name: string, env: Record<string, string>): FixtureProcess {
  const path = fileURLToPath(new URL(`./fixture/${name}.mjs`, import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [path], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: Record<string, unknown>[] = [];
  if (child.stdout) {
    createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line) as Record<string, unknown>));
  }
  // 'close' comes after the last line, 'exit' may not.
  const exit = once(child, 'close').then(([code]: unknown[]) => (typeof code === 'number' ? code : null));
  onTestFinished(async () => {
    if (child.exitCode === null) child.kill('SIGKILL');
    await exit;
  });
  return {
    lines,
    line: (message) =>
      waitUntil(`the line ${message}`, () => lines.find(({ msg }) => msg === message), { timeoutMs: 20_000 }),
    signal: (signal) => child.kill(signal),
    exit,
  };
}
