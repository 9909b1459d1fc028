import { testDatabase, testLogger, waitUntil } from '@busbar/testing';
import { describe, expect, it } from 'vitest';
import {
  type Database,
  dropPartitionsBefore,
  emptyDefaultPartition,
  ensureMonthlyPartitions,
  openDatabase,
  sql,
  trimDefaultPartition,
} from '../src/index.js';
import { databaseFixture, directory, schema } from './fixture.js';

const fixture = databaseFixture();
const table = { schema, table: 'reading' };
const from = new Date('2026-11-15T12:00:00.000Z');

/** A fresh table per test: partitions are the whole table's. */
async function fresh(work: (database: Database) => Promise<void>): Promise<void> {
  expect(fixture().database).toBeDefined();
  const testDb = await testDatabase({ schemas: [{ schema, directory }] });
  const database = openDatabase({ url: testDb.url, applicationName: 'test', poolMax: 4, logger: testLogger().logger });
  try {
    await work(database);
  } finally {
    await database.close();
    await testDb.drop();
  }
}

function insert(database: Database, sampledAt: string, receivedAt = '2026-11-15T00:00:00Z') {
  return database.execute(sql`insert into persistence_test.reading (tenant_id, sampled_at, received_at, value)
    values ('a', ${sampledAt}, ${receivedAt}, 1.5)`);
}

/** Which partition holds which row. */
async function places(database: Database): Promise<Record<string, string>> {
  const rows = await database.query<{ at: Date; place: string }>(
    sql`select sampled_at as at, tableoid::regclass::text as place from persistence_test.reading order by sampled_at`,
  );
  return Object.fromEntries(rows.map(({ at, place }) => [at.toISOString(), place.replace('persistence_test.', '')]));
}

describe('monthly partitions', () => {
  it('are made ahead, once, over the turn of the year', () =>
    fresh(async (database) => {
      expect(await ensureMonthlyPartitions(database, { ...table, monthsAhead: 2, from })).toEqual([
        'reading_2026_11',
        'reading_2026_12',
        'reading_2027_01',
      ]);
      expect(await ensureMonthlyPartitions(database, { ...table, monthsAhead: 3, from })).toEqual(['reading_2027_02']);
      await insert(database, '2026-12-31T23:59:59.999Z');
      await insert(database, '2027-01-01T00:00:00.000Z');
      expect(await places(database)).toEqual({
        '2026-12-31T23:59:59.999Z': 'reading_2026_12',
        '2027-01-01T00:00:00.000Z': 'reading_2027_01',
      });
    }));

  // Several replicas run the same job at the same moment.
  it('are made by one of many', () =>
    fresh(async (database) => {
      const made = await Promise.all(
        [1, 2, 3, 4].map(() => ensureMonthlyPartitions(database, { ...table, monthsAhead: 17, from })),
      );
      expect(made.flat()).toHaveLength(18);
    }));

  // A row that came early would forbid its month's partition; it moves along instead, generated columns included.
  it('take the rows that the default partition had', () =>
    fresh(async (database) => {
      await insert(database, '2026-12-05T00:00:00.000Z');
      await insert(database, '2027-06-05T00:00:00.000Z');
      await ensureMonthlyPartitions(database, { ...table, monthsAhead: 1, from });
      expect(await places(database)).toEqual({
        '2026-12-05T00:00:00.000Z': 'reading_2026_12',
        '2027-06-05T00:00:00.000Z': 'reading_default',
      });
      expect(await database.query(sql`select id, value, doubled from persistence_test.reading order by id`)).toEqual([
        { id: 1, value: '1.5', doubled: '3.0' },
        { id: 2, value: '1.5', doubled: '3.0' },
      ]);
    }));

  // A row that is being written while its month's partition is made must move along as well.
  it('wait for rows on their way into the default partition', () =>
    fresh(async (database) => {
      let making: Promise<string[]> | undefined;
      await database.transaction(async (tx) => {
        await tx.execute(sql`insert into persistence_test.reading (tenant_id, sampled_at) values ('a', '2026-11-05Z')`);
        making = ensureMonthlyPartitions(database, { ...table, monthsAhead: 1, from });
        await waitUntil('the job waits for the row', async () => {
          const waiting = await database.query(sql`select from pg_locks where not granted and locktype = 'relation'
            and database = (select oid from pg_database where datname = current_database())`);
          return waiting.length === 1;
        });
      });
      expect(await making).toHaveLength(2);
      expect(await places(database)).toEqual({ '2026-11-05T00:00:00.000Z': 'reading_2026_11' });
    }));

  // The other way round: the row waits for the job, finds its place taken from the default, and may simply come again.
  it('make a row that waited come again', () =>
    fresh(async (database) => {
      let waiting: Promise<unknown> | undefined;
      await database.transaction(async (tx) => {
        await tx.query(sql`select * from persistence_test.ensure_monthly_partitions('reading', '2026-11-01', 1)`);
        waiting = insert(database, '2026-11-05T00:00:00.000Z').catch((error: unknown) => error);
        await waitUntil('the row waits for the job', async () => {
          const locks = await tx.query(sql`select from pg_locks where not granted and locktype = 'relation'
            and database = (select oid from pg_database where datname = current_database())`);
          return locks.length === 1;
        });
      });
      expect(await waiting).toMatchObject({ code: 'serialization', retryable: true });
      await insert(database, '2026-11-05T00:00:00.000Z');
      expect(await places(database)).toEqual({ '2026-11-05T00:00:00.000Z': 'reading_2026_11' });
    }));

  // The keys of the table hold in every partition: this is what makes a repeat harmless.
  it('keep the unique keys', () =>
    fresh(async (database) => {
      await ensureMonthlyPartitions(database, { ...table, monthsAhead: 1, from });
      await insert(database, '2026-12-05T00:00:00.000Z');
      await expect(insert(database, '2026-12-05T00:00:00.000Z')).rejects.toMatchObject({ code: 'conflict' });
    }));

  // A clock in 1970 or 2099 must not make a partition; what is near gets one.
  it('are made for what the default partition holds, within bounds', () =>
    fresh(async (database) => {
      for (const at of ['1970-01-01', '2026-08-01', '2026-08-31', '2026-10-15', '2099-01-01']) {
        await insert(database, `${at}T00:00:00.000Z`);
      }
      expect(await emptyDefaultPartition(database, { ...table, monthsBack: 3, monthsAhead: 18, from })).toEqual([
        { partition: 'reading_2026_08', rows: 2 },
        { partition: 'reading_2026_10', rows: 1 },
      ]);
      expect(Object.values(await places(database)).filter((place) => place === 'reading_default')).toHaveLength(2);
      expect(await emptyDefaultPartition(database, { ...table, monthsBack: 3, monthsAhead: 18, from })).toEqual([]);
    }));

  it('are dropped when they are wholly before a month', () =>
    fresh(async (database) => {
      await ensureMonthlyPartitions(database, { ...table, monthsAhead: 2, from });
      const before = new Date('2027-01-20T00:00:00.000Z');
      expect(await dropPartitionsBefore(database, { ...table, before })).toEqual([
        'reading_2026_11',
        'reading_2026_12',
      ]);
      expect(await dropPartitionsBefore(database, { ...table, before })).toEqual([]);
    }));

  it('leave a default that is trimmed by the time of receipt', () =>
    fresh(async (database) => {
      await ensureMonthlyPartitions(database, { ...table, monthsAhead: 0, from });
      await insert(database, '1970-01-01T00:00:00.000Z', '2025-01-01T00:00:00Z');
      await insert(database, '1970-01-02T00:00:00.000Z', '2026-11-01T00:00:00Z');
      await insert(database, '2026-11-01T00:00:00.000Z', '2025-01-01T00:00:00Z');
      const trim = { ...table, receivedColumn: 'received_at', before: new Date('2026-01-01T00:00:00.000Z') };
      expect(await trimDefaultPartition(database, trim)).toBe(1);
      expect(await places(database)).toEqual({
        '1970-01-02T00:00:00.000Z': 'reading_default',
        '2026-11-01T00:00:00.000Z': 'reading_2026_11',
      });
    }));

  // The functions run with the owner's rights: only the writer may call them, and only for partitioned tables.
  it('can not be used for anything else', () =>
    fresh(async (database) => {
      const plain = { schema, table: 'thing', monthsAhead: 1 };
      await expect(ensureMonthlyPartitions(database, plain)).rejects.toMatchObject({ sqlState: '42P01' });
      const hostile = { schema, table: 'reading; drop table thing', monthsAhead: 1 };
      await expect(ensureMonthlyPartitions(database, hostile)).rejects.toMatchObject({ sqlState: '42P01' });
      const asReader = database.transaction(
        (tx) => tx.query(sql`select * from persistence_test.ensure_monthly_partitions('reading', now()::date, 1)`),
        { role: 'busbar_persistence_test_reader' },
      );
      await expect(asReader).rejects.toMatchObject({ sqlState: '42501' });
    }));
});
