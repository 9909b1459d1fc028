import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanEnvironment } from '../../tools/bootstrap/environment.mjs';
import { identityOf } from '../../tools/process/identity.mjs';
import { tryLock } from '../../tools/process/lock.mjs';
import { ReadyFile } from '../../tools/start/ready-file.mjs';
import { readSettings } from '../../tools/start/settings.mjs';

let state;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'busbar-state-'));
});

afterEach(() => rmSync(state, { recursive: true, force: true }));

describe('settings', () => {
  // A typing error must not become a system that listens somewhere else.
  it.each([
    [{ BUSBAR_API_PORT: '80800' }, /BUSBAR_API_PORT must be whole numbers from 1 to 65535, not "80800"/],
    [{ BUSBAR_API_PORT: '1,2' }, /BUSBAR_API_PORT must be 1 port/],
    [{ BUSBAR_GATEWAY_PORTS: '9000,9000' }, /BUSBAR_GATEWAY_PORTS names a port twice/],
    [{ BUSBAR_GATEWAY_PORTS: '9000,x' }, /BUSBAR_GATEWAY_PORTS must be whole numbers/],
    [{ BUSBAR_DEV_API_KEY: "it's a key; rm -rf" }, /BUSBAR_DEV_API_KEY must be 16 to 200 letters/],
    [{ BUSBAR_DEMO_STATIONS: '-1' }, /BUSBAR_DEMO_STATIONS must be whole numbers from 0 to 100/],
  ])('refuses %j', (env, sentence) => {
    expect(() => readSettings(env)).toThrow(sentence);
  });
});

describe('ready.json', () => {
  // What it names is what runs, at any time.
  it('is kept true and removed', () => {
    const ready = new ReadyFile(state);
    const path = join(state, 'ready.json');
    ready.refresh();
    expect(existsSync(path)).toBe(false);
    let processes = [{ name: 'one', pid: 1 }];
    ready.publish({ api: 'http://x' }, () => processes);
    processes = [{ name: 'one', pid: null }];
    ready.refresh();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ api: 'http://x', processes });
    ready.remove();
    expect(existsSync(path)).toBe(false);
  });

  // After a power cut of the starter its processes are ended, and a stranger who has one of their pids is not.
  it('ends leftovers and no one else', async () => {
    const left = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1e6)']);
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1e6)']);
    await Promise.all([once(left, 'spawn'), once(stranger, 'spawn')]);
    const processes = [
      { name: 'gateway-1', pid: left.pid, startedAs: identityOf(left.pid) },
      { name: 'gateway-2', pid: stranger.pid, startedAs: `${stranger.pid}@1` },
      { name: 'api', pid: null, startedAs: null },
    ];
    writeFileSync(join(state, 'ready.json'), JSON.stringify({ processes }));
    const said = [];
    const gone = once(left, 'exit');
    await new ReadyFile(state).endLeftovers((text) => said.push(text));
    await gone;
    expect({ said, stranger: identityOf(stranger.pid) !== null, file: existsSync(join(state, 'ready.json')) }).toEqual({
      said: ['ending what an earlier start left behind: gateway-1'],
      stranger: true,
      file: false,
    });
    stranger.kill('SIGKILL');
  });
});

describe('reset', () => {
  const reset = () =>
    spawnSync(process.execPath, [fileURLToPath(new URL('../../tools/reset.mjs', import.meta.url))], {
      env: { ...process.env, BUSBAR_STATE_DIR: state },
      encoding: 'utf8',
    });

  // Emptying the state under a running system would ruin it.
  it('refuses while it runs, then removes only what is ours', () => {
    mkdirSync(join(state, 'postgres'));
    writeFileSync(join(state, 'notes.txt'), 'mine');
    const held = tryLock(join(state, 'start.lock'));
    expect(reset()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`(process ${process.pid}): stop it first.`),
    });
    expect(existsSync(join(state, 'postgres'))).toBe(true);
    held.release();
    expect(reset()).toMatchObject({ status: 0, stdout: `Emptied ${state}: postgres.\n` });
    expect({ postgres: existsSync(join(state, 'postgres')), notes: existsSync(join(state, 'notes.txt')) }).toEqual({
      postgres: false,
      notes: true,
    });
  });
});

// The npm that called us describes its own Node; what a person set for npm stays.
it('cleans the environment of npm’s own variables', () => {
  const env = {
    PATH: '/bin',
    npm_config_registry: 'https://npm.example',
    npm_config_prefix: '/usr',
    npm_lifecycle_event: 'start',
  };
  expect(cleanEnvironment(env)).toEqual({ PATH: '/bin', npm_config_registry: 'https://npm.example' });
});
