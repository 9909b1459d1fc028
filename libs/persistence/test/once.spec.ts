import type { TenantId } from '@busbar/domain';
import type { AskContext } from '@busbar/events';
import { waitUntil } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { deleteExpiredKeys, once, sql } from '../src/index.js';
import { databaseFixture, schema } from './fixture.js';

const fixture = databaseFixture();

function context(key: string, more: { digest?: string; caller?: string } = {}): AskContext {
  return {
    tenant: 'a' as TenantId,
    caller: more.caller ?? 'key-1',
    requestId: 'r',
    idempotency: { key, digest: more.digest ?? 'd1' },
  };
}

/** Does a thing once in a transaction; the answer numbers how often it was really done. */
function runner() {
  const done = { times: 0 };
  const run = (asked: AskContext, operation = 'stations.create') =>
    fixture().database.transaction((tx) =>
      once(tx, { schema, context: asked, operation }, async () => {
        done.times += 1;
        return { number: done.times };
      }),
    );
  return { done, run };
}

/** Resolves when a transaction of this database waits for another one. */
async function secondWaits(): Promise<void> {
  const { database } = fixture();
  await waitUntil('the second waits for the first', async () => {
    const rows = await database.query(sql`select from pg_locks where not granted and locktype = 'transactionid'
      and pid in (select pid from pg_stat_activity where datname = current_database())`);
    return rows.length === 1;
  });
}

describe('once', () => {
  it('gives the first answer again', async () => {
    const { done, run } = runner();
    expect(await run(context('k1'))).toEqual({ number: 1 });
    expect(await run(context('k1'))).toEqual({ number: 1 });
    expect(done.times).toBe(1);
  });

  it('does without a key what it is told each time', async () => {
    const { run } = runner();
    const { idempotency: _, ...bare } = context('none');
    expect([await run(bare), await run(bare)]).toEqual([{ number: 1 }, { number: 2 }]);
  });

  it('refuses the same key for another request', async () => {
    const { done, run } = runner();
    await run(context('k2'));
    const expected = { code: 'idempotency-key-reused', problem: { status: 409 } };
    await expect(run(context('k2', { digest: 'd2' }))).rejects.toMatchObject(expected);
    await expect(run(context('k2', { digest: 'd2' }), 'tokens.put')).rejects.toMatchObject(expected);
    expect(await run(context('k2'))).toEqual({ number: 1 });
    expect(done.times).toBe(1);
  });

  // Keys belong to their caller; and one request may ask two things of a service.
  it('keeps callers and operations apart', async () => {
    const { run } = runner();
    expect(await run(context('k3'))).toEqual({ number: 1 });
    expect(await run(context('k3', { caller: 'key-2', digest: 'd2' }))).toEqual({ number: 2 });
    expect(await run(context('k3'), 'stations.key')).toEqual({ number: 3 });
    expect(await run(context('k3'))).toEqual({ number: 1 });
  });

  // What was not committed was not done: the key must be free again.
  it('forgets what was rolled back', async () => {
    const { database } = fixture();
    const { run } = runner();
    const failing = database.transaction((tx) =>
      once(tx, { schema, context: context('k4'), operation: 'stations.create' }, () => Promise.reject(new Error('no'))),
    );
    await expect(failing).rejects.toThrow('no');
    expect(await run(context('k4'))).toEqual({ number: 1 });
  });

  // Two at the same moment: the second waits and gets the first's answer, however long the first takes.
  it('lets the second of two at once wait for the first', async () => {
    const { database } = fixture();
    const { done, run } = runner();
    let second: Promise<unknown> | undefined;
    const first = database.transaction((tx) =>
      once(tx, { schema, context: context('k5'), operation: 'stations.create' }, async () => {
        second = run(context('k5'));
        await secondWaits();
        return { number: 100 };
      }),
    );
    expect(await first).toEqual({ number: 100 });
    expect(await second).toEqual({ number: 100 });
    expect(done.times).toBe(0);
  });

  it('lets the second do it when the first fails', async () => {
    const { database } = fixture();
    const { run } = runner();
    let second: Promise<unknown> | undefined;
    const first = database.transaction((tx) =>
      once(tx, { schema, context: context('k6'), operation: 'stations.create' }, async () => {
        second = run(context('k6'));
        await secondWaits();
        throw new Error('no');
      }),
    );
    await expect(first).rejects.toThrow('no');
    expect(await second).toEqual({ number: 1 });
  });

  it('forgets after 24 hours, and the old row goes away', async () => {
    const { database } = fixture();
    const { run } = runner();
    await run(context('k7'));
    await run(context('k8'));
    const [kept] = await database.query(sql`select round(extract(epoch from expires_at - now()) / 3600)::int as hours
      from persistence_test.idempotency_key where key = 'k7'`);
    expect(kept).toEqual({ hours: 24 });
    await database.execute(sql`update persistence_test.idempotency_key
      set expires_at = now() - interval '1 second' where key in ('k7', 'k8')`);
    expect(await run(context('k7', { digest: 'd2' }))).toEqual({ number: 3 });
    expect(await deleteExpiredKeys(database, { schema })).toBe(1);
    expect(await run(context('k8'))).toEqual({ number: 4 });
  });
});
