import type { TenantId } from '@busbar/domain';
import { TcpProxy, waitUntil } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { type Database, readerRole, sql, type Transaction } from '../src/index.js';
import { databaseFixture } from './fixture.js';

const fixture = databaseFixture();

const insert = (tx: Pick<Transaction, 'execute'>, id: string) =>
  tx.execute(sql`insert into persistence_test.thing (id) values (${id})`);

async function exists(id: string): Promise<boolean> {
  const rows = await fixture().database.query(sql`select from persistence_test.thing where id = ${id}`);
  return rows.length === 1;
}

/** A database behind a proxy, with a connection already open, so that what is cut is the statement in question. */
async function behindProxy(
  options: { commitTimeoutMs?: number } = {},
): Promise<{ database: Database; proxy: TcpProxy }> {
  const { testDb, open } = fixture();
  const proxy = await TcpProxy.to(testDb.url);
  const database = open({ url: proxy.urlOf(testDb.url), poolMax: 1, ...options });
  await database.ping();
  return { database, proxy };
}

describe('a transaction', () => {
  it('commits what its work did', async () => {
    const result = await fixture().database.transaction(async (tx) => {
      await insert(tx, 'c1');
      return 'done';
    });
    expect(result).toBe('done');
    expect(await exists('c1')).toBe(true);
  });

  it('keeps nothing of a work that throws, and throws the same', async () => {
    const error = new Error('no');
    const running = fixture().database.transaction(async (tx) => {
      await insert(tx, 'r1');
      throw error;
    });
    await expect(running).rejects.toBe(error);
    expect(await exists('r1')).toBe(false);
  });

  // Postgres answers such a COMMIT with a friendly ROLLBACK: it must not pass for success.
  it('does not take a swallowed error for success', async () => {
    const { database } = fixture();
    const running = database.transaction(async (tx) => {
      await insert(tx, 's1');
      await tx.query(sql`select 1 / 0`).catch(() => undefined);
      return 'fine';
    });
    await expect(running).rejects.toMatchObject({ code: 'failed' });
    expect(await exists('s1')).toBe(false);
  });

  it('does not let its work commit by itself', async () => {
    const { database } = fixture();
    await expect(database.transaction((tx) => tx.execute(sql`commit`))).rejects.toMatchObject({ code: 'failed' });
  });

  // Statements of one transaction made at once run one after the other; those after its end do not run at all.
  it('runs statements in order and none afterwards', async () => {
    const { database } = fixture();
    let kept: Transaction | undefined;
    const order = await database.transaction(async (tx) => {
      kept = tx;
      const rows = await Promise.all(
        [1, 2, 3].map((value) => tx.query<{ value: number }>(sql`select ${value}::int as value`)),
      );
      return rows.flat().map(({ value }) => value);
    });
    expect(order).toEqual([1, 2, 3]);
    await expect(kept?.query(sql`select 1`)).rejects.toMatchObject({
      code: 'failed',
      message: 'the transaction is over',
    });
  });

  it('runs its last steps before COMMIT, and they can fail it', async () => {
    const { database } = fixture();
    await database.transaction(async (tx) => {
      tx.beforeCommit(async () => {
        await insert(tx, 'b1');
        tx.beforeCommit(async () => {
          await insert(tx, 'b2');
        });
      });
      expect(await tx.query(sql`select from persistence_test.thing where id = 'b1'`)).toEqual([]);
    });
    expect([await exists('b1'), await exists('b2')]).toEqual([true, true]);
    const failing = database.transaction(async (tx) => {
      await insert(tx, 'b3');
      tx.beforeCommit(() => Promise.reject(new Error('no')));
    });
    await expect(failing).rejects.toThrow('no');
    expect(await exists('b3')).toBe(false);
  });

  // A connection must never go back to the pool inside a transaction that failed before it had begun.
  it('leaves the connection clean when it can not even begin', async () => {
    const { open } = fixture();
    const database = open({ poolMax: 1 });
    const never = database.transaction(() => Promise.reject(new Error('the work ran')), { role: 'no_such_role' });
    await expect(never).rejects.toMatchObject({ code: 'failed', sqlState: '22023' });
    await expect(database.query(sql`select 1 as one`)).resolves.toEqual([{ one: 1 }]);
  });

  it('limits its statements, and sets a role and a tenant for itself alone', async () => {
    const { open } = fixture();
    const database = open({ poolMax: 1 });
    const slow = database.transaction((tx) => tx.query(sql`select pg_sleep(5)`), { statementTimeoutMs: 50 });
    await expect(slow).rejects.toMatchObject({ code: 'timeout' });
    const who = sql`select current_user as role, current_setting('busbar.tenant', true) as tenant,
      current_setting('statement_timeout') as timeout`;
    const options = { role: readerRole('persistence_test'), tenant: 'b' as TenantId, statementTimeoutMs: 1_500 };
    expect(await database.transaction((tx) => tx.query(who), options)).toEqual([
      { role: 'busbar_persistence_test_reader', tenant: 'b', timeout: '1500ms' },
    ]);
    expect(await database.transaction((tx) => tx.query(who))).toEqual([
      { role: 'busbar_persistence_test_writer', tenant: '', timeout: '10s' },
    ]);
  });
});

describe('a COMMIT', () => {
  // The one case in which nobody knows: the reply to COMMIT was lost. Here the change stands.
  it('whose reply is lost is unknown', async () => {
    const { database, proxy } = await behindProxy();
    const sprung = proxy.cutAfterRequest(/COMMIT/);
    const running = database.transaction((tx) => insert(tx, 'u1'));
    await expect(running).rejects.toMatchObject({ code: 'commit-unknown', retryable: false });
    await sprung;
    await waitUntil('the change stands', () => exists('u1'));
    await database.ping();
    await proxy.close();
  });

  // Never cancelled: the backend goes on and the change stands, long after we gave up on the reply.
  it('that takes too long is unknown, and goes on', async () => {
    const { testDb, open } = fixture();
    const database = open({ poolMax: 1, commitTimeoutMs: 100 });
    const start = performance.now();
    const running = database.transaction(async (tx) => {
      await insert(tx, 'u2');
      await tx.execute(sql`insert into persistence_test.slow values ('u2', 0.6)`);
    });
    await expect(running).rejects.toMatchObject({ code: 'commit-unknown' });
    expect(performance.now() - start).toBeLessThan(500);
    expect(await exists('u2')).toBe(false);
    await waitUntil('the change stands', () => exists('u2'));
    expect(testDb.name).toBeTruthy();
    await database.ping();
  });

  // The limit of statements must not cancel a COMMIT: one that waits for a standby would then report success.
  it('is not subject to the time-out of statements', async () => {
    const { open } = fixture();
    const database = open({ statementTimeoutMs: 100, commitTimeoutMs: 5_000 });
    await database.transaction(async (tx) => {
      await tx.execute(sql`insert into persistence_test.slow values ('t1', 0.4)`);
      await insert(tx, 't1');
    });
    expect(await exists('t1')).toBe(true);
  });

  // A refusal of Postgres is certain: nothing was committed, and the connection is still good.
  it('that Postgres refuses is rolled back for certain', async () => {
    const { open } = fixture();
    const database = open({ poolMax: 1 });
    const pid = () => database.query(sql`select pg_backend_pid() as pid`);
    const before = await pid();
    const running = database.transaction((tx) => tx.execute(sql`insert into persistence_test.child values ('nobody')`));
    await expect(running).rejects.toMatchObject({ code: 'failed', sqlState: '23503' });
    expect(await pid()).toEqual(before);
  });

  // The end of a session during COMMIT says nothing about the COMMIT, whatever words it comes with.
  it('whose session is ended is unknown', async () => {
    const { testDb, open } = fixture();
    const database = open({ poolMax: 1 });
    const admin = open({ url: testDb.adminUrl });
    const running = database.transaction(async (tx) => {
      const [session] = await tx.query<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      await tx.execute(sql`insert into persistence_test.slow values ('e1', 30)`);
      tx.beforeCommit(async () => {
        const ended = waitUntil('it is at COMMIT', async () => {
          const [row] = await admin.query<{ ended: boolean }>(sql`select pg_terminate_backend(pid) as ended
            from pg_stat_activity where pid = ${session?.pid ?? 0} and query like '%COMMIT' and state = 'active'`);
          return row?.ended;
        });
        ended.catch(() => undefined);
      });
    });
    await expect(running).rejects.toMatchObject({ code: 'commit-unknown' });
  });

  // What is lost before COMMIT was sent is rolled back for certain and may be run again.
  it('that was never sent is not unknown', async () => {
    const { database, proxy } = await behindProxy();
    const running = database.transaction(async (tx) => {
      await insert(tx, 'n1');
      proxy.cut();
      await waitUntil('the connection is gone', () => proxy.connections === 0);
    });
    await expect(running).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    expect(await exists('n1')).toBe(false);
    expect(await database.transaction((tx) => insert(tx, 'n1'))).toBe(1);
    await proxy.close();
  });

  it('of a connection that dies in a statement is not unknown either', async () => {
    const { database, proxy } = await behindProxy();
    const sprung = proxy.cutAfterRequest(/insert into/);
    await expect(database.transaction((tx) => insert(tx, 'n2'))).rejects.toMatchObject({ code: 'unavailable' });
    await sprung;
    await waitUntil('its lock is gone', async () => (await insert(fixture().database, 'n2')) === 1);
    await proxy.close();
  });

  // A peer that vanished without a word: the statement ends by our own timer and the connection is not used again.
  it('is not sent on a connection that fell silent', async () => {
    const { testDb, open } = fixture();
    const proxy = await TcpProxy.to(testDb.url);
    const database = open({ url: proxy.urlOf(testDb.url), poolMax: 1, statementTimeoutMs: 10 });
    await database.ping();
    proxy.hold();
    await expect(database.transaction((tx) => insert(tx, 'h1'))).rejects.toMatchObject({ code: 'unavailable' });
    proxy.pass();
    await waitUntil('a new connection works', async () => {
      await database.ping();
      return true;
    });
    expect(await exists('h1')).toBe(false);
    await proxy.close();
  });
});
