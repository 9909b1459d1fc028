import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { identityOf } from '../../tools/process/identity.mjs';
import { Supervised } from '../../tools/process/supervised.mjs';
import { readyLine } from '../../tools/start/apps.mjs';

let folder;
let events;
const started = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'busbar-supervised-'));
  events = [];
});

afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A process that runs `script` and is ready as our apps are. */
function supervised(script, options = {}) {
  const waiting = [];
  const one = new Supervised({
    name: 'example',
    logFile: join(folder, 'example.log'),
    launch: () => ({ file: process.execPath, args: ['-e', script], env: process.env, cwd: folder }),
    serves: ({ lines }) => lines.find(readyLine),
    onEvent: (event) => {
      events.push(event);
      for (const look of waiting.splice(0)) look();
    },
    ...options,
  });
  started.push(one);
  return {
    one,
    until: async (name) => {
      while (!events.some(({ event }) => event === name)) await new Promise((resolve) => waiting.push(resolve));
    },
  };
}

const SERVES = `console.log(JSON.stringify({ msg: 'ready', ports: { api: 1 } })); setInterval(() => undefined, 1e6);`;

// Whoever kills a process of ours sees it come back, and is told.
it('restarts a process that dies', async () => {
  const { one, until } = supervised(SERVES);
  await one.start();
  const first = one.pid;
  expect(one.info).toEqual({ ports: { api: 1 } });
  await one.kill();
  await until('restarted');
  expect(one.pid).not.toBe(first);
  expect(events).toEqual([
    { event: 'died', name: 'example', pid: first, code: null, signal: 'SIGKILL' },
    { event: 'restarted', name: 'example', pid: one.pid },
  ]);
});

// A stop is final: no restart, no process, no event.
it('does not restart what was stopped', async () => {
  const { one } = supervised(SERVES);
  await one.start();
  const first = one.pid;
  await one.stop();
  expect({ pid: one.pid, alive: identityOf(first), events }).toEqual({ pid: null, alive: null, events: [] });
});

// A process that cannot start says why, in the words of its own log.
it('rejects a start with the end of the log', async () => {
  const { one } = supervised(`console.error('no such thing as a port 99999'); process.exit(3);`);
  await expect(one.start()).rejects.toThrow(
    /example ended \(exit 3\) before it served[\s\S]*no such thing as a port 99999/,
  );
  expect(one.pid).toBeNull();
});

// A process that hangs at the start is not waited for without end, and does not stay.
it('gives up on a process that never serves', async () => {
  const { one } = supervised(`setInterval(() => undefined, 1e6);`, { readyTimeoutMs: 300 });
  await expect(one.start()).rejects.toThrow(/did not serve within 0.3 s/);
  expect(one.pid).toBeNull();
});

// Stopping is bounded even when the process does not listen.
it('ends a process that ignores its stop signal', async () => {
  const { one } = supervised(`process.on('SIGTERM', () => undefined); ${SERVES}`, { stopGraceMs: 200 });
  await one.start();
  const first = one.pid;
  await one.stop();
  expect(identityOf(first)).toBeNull();
});

// Ctrl-C while a process is still coming up ends the waiting for it.
it('can be stopped while it starts', async () => {
  const { one } = supervised(`setInterval(() => undefined, 1e6);`);
  const starting = one.start();
  await expect.poll(() => one.pid).not.toBeNull();
  await one.stop();
  await expect(starting).rejects.toThrow(/before it served/);
});
