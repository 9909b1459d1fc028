import { TcpProxy, waitUntil } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { type DirectConnection, openDirectConnection, sql } from '../src/index.js';
import { databaseFixture } from './fixture.js';

const fixture = databaseFixture();

function connect(options: { url?: string; idleTimeoutMs?: number } = {}): Promise<DirectConnection> {
  const { testDb } = fixture();
  return openDirectConnection({
    url: options.url ?? testDb.url,
    applicationName: 'direct',
    statementTimeoutMs: 100,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
  });
}

const lock = sql`select pg_try_advisory_lock(1, 1) as taken`;

describe('a direct connection', () => {
  it('holds its locks until it is closed', async () => {
    const one = await connect();
    const two = await connect();
    expect(await one.query(lock)).toEqual([{ taken: true }]);
    expect(await two.query(lock)).toEqual([{ taken: false }]);
    await one.close();
    await waitUntil('the lock is free', async () => (await two.query<{ taken: boolean }>(lock))[0]?.taken);
    await two.close();
    await two.close();
  });

  // A process that stands still keeps its connection open: Postgres must take the locks from it.
  it('loses its locks when its owner falls silent', async () => {
    const frozen = await connect({ idleTimeoutMs: 100 });
    await frozen.query(lock);
    const other = await connect();
    await waitUntil('the lock is free', async () => (await other.query<{ taken: boolean }>(lock))[0]?.taken);
    await expect(frozen.query(sql`select 1`)).rejects.toMatchObject({ code: 'unavailable' });
    await frozen.close();
    await other.close();
  });

  it('limits its statements and goes on', async () => {
    const connection = await connect();
    await expect(connection.query(sql`select pg_sleep(5)`)).rejects.toMatchObject({ code: 'timeout' });
    expect(await connection.query(sql`select 1 as one`)).toEqual([{ one: 1 }]);
    await connection.close();
  });

  it('gives up on a Postgres that vanished, and closes all the same', async () => {
    const { testDb } = fixture();
    const proxy = await TcpProxy.to(testDb.url);
    const connection = await connect({ url: proxy.urlOf(testDb.url) });
    proxy.hold();
    await expect(connection.query(sql`select 1`)).rejects.toMatchObject({ code: 'unavailable' });
    await connection.close();
    await proxy.close();
  });

  it('says when Postgres is not there', async () => {
    await expect(connect({ url: 'postgres://postgres@127.0.0.1:1/none' })).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
    });
  });
});
