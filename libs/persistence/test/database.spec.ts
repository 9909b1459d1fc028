import { waitUntil } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import { durabilityWarnings, sql } from '../src/index.js';
import { databaseFixture } from './fixture.js';

const fixture = databaseFixture();

describe('values', () => {
  // Money and epochs come out digit by digit; instants as Dates; nothing rounded, ever.
  it('come out exactly', async () => {
    const { database } = fixture();
    const [row] = await database.query(sql`
      select 9007199254740991::int8 as epoch, array[1, 9007199254740991]::int8[] as epochs,
             1234567890123456789.0000001000::numeric as amount, array[0.10, null]::numeric[] as amounts,
             '2026-03-29T01:30:00.123Z'::timestamptz as at, '2026-03-29'::date as day,
             '{"a": [1]}'::jsonb as document, true as flag, null as nothing`);
    expect(row).toEqual({
      epoch: 9_007_199_254_740_991,
      epochs: [1, 9_007_199_254_740_991],
      amount: '1234567890123456789.0000001000',
      amounts: ['0.10', null],
      at: new Date('2026-03-29T01:30:00.123Z'),
      day: '2026-03-29',
      document: { a: [1] },
      flag: true,
      nothing: null,
    });
  });

  it('fail rather than lose digits', async () => {
    const { database } = fixture();
    await expect(database.query(sql`select 9007199254740993::int8 as big`)).rejects.toMatchObject({ code: 'failed' });
    await expect(database.query(sql`select count(*) from persistence_test.thing`)).resolves.toBeDefined();
  });

  it('go in as parameters of every kind', async () => {
    const { database } = fixture();
    const given = {
      text: `quote ' " \\ emoji 🔌`,
      at: new Date('2026-01-02T03:04:05.006Z'),
      list: ['a', '{"b"}', 'c,d'],
    };
    const [row] = await database.query(sql`
      select ${given.text}::text as text, ${given.at}::timestamptz as at, ${given.list}::text[] as list,
             ${{ a: 1 }}::jsonb as document, ${Buffer.from([0, 255])}::bytea as bytes, ${10n}::int8 as big`);
    expect(row).toEqual({ ...given, document: { a: 1 }, bytes: Buffer.from([0, 255]), big: 10 });
  });
});

describe('statements', () => {
  it('that are named are prepared once per connection', async () => {
    const { open } = fixture();
    const database = open({ poolMax: 1 });
    for (const id of ['1', '2']) {
      await database.query(sql.named('by_id')`select id from persistence_test.thing where id = ${id}`);
    }
    const prepared = await database.query(sql`select count(*) as count from pg_prepared_statements`);
    expect(prepared).toEqual([{ count: 1 }]);
  });

  it('tell how many rows they wrote', async () => {
    const { database } = fixture();
    expect(await database.execute(sql`insert into persistence_test.thing (id) values ('n1'), ('n2')`)).toBe(2);
    expect(await database.execute(sql`delete from persistence_test.thing where id = 'n1' or id = 'none'`)).toBe(1);
  });

  // Each refusal under the name that callers act on.
  it('fail under a name', async () => {
    const { database } = fixture();
    await database.execute(sql`insert into persistence_test.thing (id) values ('here')`);
    const insert = (id: string, size: number, name: string) =>
      database.execute(sql`insert into persistence_test.thing (id, size, name) values (${id}, ${size}, ${name})`);
    await expect(insert('here', 1, 'x')).rejects.toMatchObject({ code: 'conflict', constraint: 'thing_pkey' });
    await expect(insert('p1', 100, 'x')).rejects.toMatchObject({ code: 'poison', sqlState: '23514' });
    await expect(insert('p2', 1, 'x'.repeat(11))).rejects.toMatchObject({ code: 'poison', sqlState: '22001' });
    await expect(insert('p3', 1, 'nul\0')).rejects.toMatchObject({ code: 'poison', sqlState: '22021' });
    await expect(insert('p4', 2 ** 40, 'x')).rejects.toMatchObject({ code: 'poison', sqlState: '22003' });
    await expect(database.query(sql`select * from nowhere`)).rejects.toMatchObject({
      code: 'failed',
      sqlState: '42P01',
    });
  });

  it('are ended by Postgres when they take too long', async () => {
    const { open } = fixture();
    const database = open({ statementTimeoutMs: 50 });
    await expect(database.query(sql`select pg_sleep(5)`)).rejects.toMatchObject({ code: 'timeout', retryable: true });
    await expect(database.ping()).resolves.toBeUndefined();
  });
});

describe('the pool', () => {
  // A caller is told soon that there is no connection, rather than queueing without end.
  it('lets callers wait for so long and in such numbers', async () => {
    const { open } = fixture();
    const database = open({ poolMax: 1, acquireTimeoutMs: 100, waitingMax: 2 });
    let release: (() => void) | undefined;
    const held = () => new Promise<void>((resolve) => (release = resolve));
    const busy = database.transaction(held);
    await waitUntil('the connection is taken', () => release);
    const waiting = [database.ping(), database.ping(), database.ping()].map((ping) =>
      ping.catch((error: unknown) => error),
    );
    expect(await Promise.all(waiting)).toMatchObject([
      { code: 'acquire-timeout', retryable: true },
      { code: 'acquire-timeout', retryable: true },
      { code: 'acquire-timeout', message: '2 callers already wait for a connection' },
    ]);
    release?.();
    await busy;
    await database.ping();
  });

  it('says so when Postgres is not there', async () => {
    const { open } = fixture();
    const database = open({ url: 'postgres://postgres@127.0.0.1:1/none' });
    await expect(database.ping()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await expect(database.transaction(async () => 1)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('durabilityWarnings', () => {
  it('says that a single server can lose what it answered', async () => {
    const { database } = fixture();
    expect(await durabilityWarnings(database)).toContain(
      'no synchronous standby: the loss of the database machine can lose what was answered',
    );
  });
});
