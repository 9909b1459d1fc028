import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { waitUntil } from '../src/index.js';
import { Child } from '../src/processes/child.js';
import { bareEnvironment } from '../src/stores.js';

const cwd = fileURLToPath(new URL('.', import.meta.url));

function child(code: string): Child {
  return new Child('child', ['-e', code], { env: bareEnvironment(), cwd });
}

describe('Child', () => {
  it('finds the line that is waited for, and stops in order', async () => {
    const running = child(`process.on('SIGTERM', () => process.exit(3)); setInterval(() => {}, 1000);
      console.log('a'); console.error('b'); console.log('ready 7');`);
    expect(await running.line('it is ready', (line) => /^ready (\d)/.exec(line)?.[1], 5_000)).toBe('7');
    expect(await running.stop()).toEqual({ code: 3, signal: null });
    expect(running.lines.filter((line) => line.length === 1).sort()).toEqual(['a', 'b']);
    expect(running.running).toBe(false);
  });

  // A start that fails must show why, not only that it did.
  it('shows the last lines of one that ends too early', async () => {
    const running = child(`console.error('no database'); process.exitCode = 1`);
    await expect(running.line('it is ready', () => undefined, 5_000)).rejects.toThrow(
      /waited until it is ready before it ended with 1\. Its last lines:\nno database/,
    );
  });

  it('can be frozen, thawed and killed', async () => {
    const running = child(`setInterval(() => console.log(Date.now()), 5)`);
    await waitUntil('it speaks', () => running.lines.length > 0);
    running.signal('SIGSTOP');
    running.signal('SIGCONT');
    const before = running.lines.length;
    await waitUntil('it goes on', () => running.lines.length > before);
    expect(await running.kill()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  // What a killed test run leaves behind would hold ports and connections for ever.
  it('ends when the process that started it is killed', async () => {
    const parent = child(`
      const { spawn } = require('node:child_process');
      const args = [...process.execArgv.slice(0, 2), '-e', 'setInterval(() => {}, 1000)'];
      const grandchild = spawn(process.execPath, args, { stdio: 'pipe' });
      console.log(grandchild.pid);`);
    const pid = Number(await parent.line('the grandchild runs', (line) => /^\d+$/.exec(line)?.[0], 5_000));
    await parent.kill();
    await waitUntil('the grandchild is gone', async () => {
      const ask = spawn('kill', ['-0', String(pid)], { stdio: 'ignore' });
      const [code] = await once(ask, 'close');
      return code !== 0;
    });
  });
});
