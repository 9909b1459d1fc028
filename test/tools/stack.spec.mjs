import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { identityOf } from '../../tools/process/identity.mjs';
import { isFree } from '../../tools/process/ports.mjs';

const STACK = fileURLToPath(new URL('../../tools/stack.mjs', import.meta.url));
let folder;
let stack;
let lines;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'busbar-stack-'));
});

afterEach(async () => {
  if (stack.exitCode === null && stack.signalCode === null) {
    stack.kill('SIGTERM');
    await once(stack, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the stack; its first line is returned, the others are read with `line`. */
async function start(...words) {
  const args = [STACK, 'run', '--state', folder, '--print-json', ...words];
  stack = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  lines = createInterface({ input: stack.stdout })[Symbol.asyncIterator]();
  return line();
}

async function line() {
  const { value } = await lines.next();
  return JSON.parse(value);
}

/** The answer to a command; what happened meanwhile is passed over. */
async function tell(command) {
  stack.stdin.write(`${command}\n`);
  for (;;) {
    const answer = await line();
    if (answer.did !== undefined) return answer;
  }
}

async function query(url, text) {
  const connection = new pg.Client({ connectionString: url });
  await connection.connect();
  const { rows } = await connection.query(text);
  await connection.end();
  return rows;
}

// Crash tests rest on this: what was committed before kill -9 is there after the restart, at the same address.
it('keeps committed rows over kill and start', async () => {
  const { postgres } = await start('--only', 'postgres', '--no-restart');
  await query(postgres.url, 'create table example as select 42 as answer');
  expect(await tell('kill postgres')).toEqual({ did: 'kill', store: 'postgres', pid: postgres.pid });
  expect(identityOf(postgres.pid)).toBeNull();
  const again = await tell('start postgres');
  expect(again).toEqual({ did: 'start', store: 'postgres', pid: expect.any(Number) });
  expect(await query(postgres.url, 'select answer from example')).toEqual([{ answer: 42 }]);
  const durable = "select current_setting('fsync') as f, current_setting('synchronous_commit') as s";
  expect(await query(postgres.url, durable)).toEqual([{ f: 'on', s: 'on' }]);
});

// A store that dies comes back by itself, on its port, and both are said.
it('restarts a store that is killed from outside', async () => {
  const { redis } = await start('--only', 'redis');
  process.kill(redis.pid, 'SIGKILL');
  expect(await line()).toEqual({ event: 'died', store: 'redis', pid: redis.pid, code: null, signal: 'SIGKILL' });
  const back = await line();
  expect(back).toEqual({ event: 'restarted', store: 'redis', pid: expect.any(Number) });
  expect(await isFree(Number(new URL(redis.url).port))).toBe(false);
});

// Wrong commands are answered, or a test would wait for ever.
it('answers what it does not understand', async () => {
  await start('--only', 'redis', '--no-restart');
  expect(await tell('kill nats')).toEqual({ did: 'kill', store: 'nats', pid: null, error: 'no such store here' });
  expect(await tell('paint redis')).toMatchObject({ did: 'paint', store: 'redis', error: 'kill, stop or start' });
});

// SIGTERM leaves nothing behind.
it('stops everything at SIGTERM', async () => {
  const { redis, nats } = await start('--only', 'redis,nats');
  stack.kill('SIGTERM');
  const [code] = await once(stack, 'exit');
  expect({ code, redis: identityOf(redis.pid), nats: identityOf(nats.pid) }).toEqual({
    code: 0,
    redis: null,
    nats: null,
  });
});

// A test runner that is killed closes stdin and nothing more.
it('stops when its parent is gone', async () => {
  const { redis } = await start('--only', 'redis', '--no-restart', '--die-with-parent');
  stack.stdin.end();
  const [code] = await once(stack, 'exit');
  expect({ code, redis: identityOf(redis.pid) }).toEqual({ code: 0, redis: null });
});

// Killed without a word, the stack takes its stores along: the kernel tells them.
it('leaves no store when it is killed itself', async () => {
  const { redis } = await start('--only', 'redis');
  stack.kill('SIGKILL');
  await once(stack, 'exit');
  await expect.poll(() => identityOf(redis.pid), { timeout: 10_000 }).toBeNull();
});
