import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestDatabase, testDatabase, testLogger } from '@busbar/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, migrate, openDatabase, sql } from '../src/index.js';

let testDb: TestDatabase;
let database: Database;
let directory: string;

beforeEach(async () => {
  testDb = await testDatabase({ schemas: [] });
  const { logger } = testLogger();
  database = openDatabase({ url: testDb.adminUrl, applicationName: 'test', poolMax: 2, logger });
  directory = await mkdtemp(join(tmpdir(), 'busbar-migrate-'));
});

afterEach(async () => {
  await database.close();
  await testDb.drop();
  await rm(directory, { recursive: true });
});

const write = (name: string, text: string) => writeFile(join(directory, name), text);
const run = () => migrate({ url: testDb.adminUrl, schema: 'migrate_test', directory });
const tables = () =>
  database.query<{ name: string }>(
    sql`select tablename as name from pg_tables where schemaname = 'migrate_test' order by 1`,
  );

describe('migrate', () => {
  it('applies files in order, once, after the common tables', async () => {
    await write('0002-second.sql', `insert into first values ('x');`);
    await write('0001-first.sql', 'create table first (id text);');
    await write('notes.md', 'not a migration');
    expect(await run()).toEqual(['common-0001-tables', 'common-0002-partitions', '0001-first.sql', '0002-second.sql']);
    expect(await run()).toEqual([]);
    expect((await tables()).map(({ name }) => name)).toEqual(['first', 'idempotency_key', 'migration', 'outbox']);
    expect(await database.query(sql`select id from migrate_test.first`)).toEqual([{ id: 'x' }]);
  });

  // Every replica may try at its start.
  it('applies once when many run it at the same moment', async () => {
    await write('0001-first.sql', 'create table first (id text); select pg_sleep(0.05);');
    const applied = await Promise.all([1, 2, 3, 4].map(run));
    expect(applied.filter((names) => names.length > 0)).toEqual([
      ['common-0001-tables', 'common-0002-partitions', '0001-first.sql'],
    ]);
  });

  // A file stands or falls as a whole, and what came before it stays.
  it('keeps nothing of a file that fails, and names its line', async () => {
    await write('0001-first.sql', 'create table first (id text);');
    await write('0002-second.sql', 'create table second (id text);\n\nselect nonsense;\n');
    await expect(run()).rejects.toMatchObject({
      code: 'migration-failed',
      migration: '0002-second.sql',
      message: expect.stringContaining('line 3: 42703'),
    });
    expect((await tables()).map(({ name }) => name)).toEqual(['first', 'idempotency_key', 'migration', 'outbox']);
    await write('0002-second.sql', 'create table second (id text);');
    expect(await run()).toEqual(['0002-second.sql']);
  });

  it('refuses a file that was applied and has changed', async () => {
    await write('0001-first.sql', 'create table first (id text);');
    await run();
    await write('0001-first.sql', 'create table first (id text); -- a word more');
    await expect(run()).rejects.toMatchObject({ code: 'migration-changed', retryable: false });
  });

  it.each(['1-short.sql', '0001_under.sql', '0001-Upper.sql'])('refuses the name %s', async (name) => {
    await write(name, 'select 1;');
    await expect(run()).rejects.toMatchObject({ code: 'migration-name', migration: name });
  });

  it('refuses two files with one number', async () => {
    await write('0001-a.sql', 'select 1;');
    await write('0001-b.sql', 'select 1;');
    await expect(run()).rejects.toMatchObject({ code: 'migration-order', migration: '0001-b.sql' });
  });

  it('says when Postgres is away', async () => {
    const away = migrate({ url: 'postgres://postgres@127.0.0.1:1/none', schema: 'migrate_test', directory });
    await expect(away).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });

  // A table that a later file adds is as closed as the others, without anyone thinking of it.
  it('closes every table of a tenant to other tenants, and the rest to the reader', async () => {
    await write('0001-first.sql', 'create table first (tenant_id text); create table second (id text);');
    await run();
    await write('0002-third.sql', 'create table third (tenant_id text);');
    await run();
    expect(
      await database.query(sql`select tablename as name, rowsecurity as rows,
          has_table_privilege('busbar_migrate_test_reader', 'migrate_test.' || tablename, 'select') as reads,
          has_table_privilege('busbar_migrate_test_writer', 'migrate_test.' || tablename, 'insert') as writes
        from pg_tables where schemaname = 'migrate_test' order by 1`),
    ).toEqual([
      { name: 'first', rows: true, reads: true, writes: true },
      { name: 'idempotency_key', rows: false, reads: false, writes: true },
      { name: 'migration', rows: false, reads: false, writes: false },
      { name: 'outbox', rows: false, reads: false, writes: true },
      { name: 'second', rows: false, reads: false, writes: true },
      { name: 'third', rows: true, reads: true, writes: true },
    ]);
  });

  // A login that may not make roles can still bring a schema up to date; an operator makes the roles.
  it('goes on without roles where the login may not make them', async () => {
    const login = `busbar_plain_${testDb.name.slice(-10)}`;
    await database.execute(sql`create role ${sql.identifier(login)} nologin`);
    try {
      await database.execute(sql`grant create on database ${sql.identifier(testDb.name)} to ${sql.identifier(login)}`);
      const { logger, lines } = testLogger();
      const schema = `plain_${testDb.name.slice(-10)}`;
      const applied = await migrate({ url: testDb.urlAs(login), schema, directory, logger });
      expect(applied).toEqual(['common-0001-tables', 'common-0002-partitions']);
      expect(lines.filter((line) => line.includes('may not be made by this login'))).toHaveLength(2);
    } finally {
      await database.execute(sql`drop owned by ${sql.identifier(login)} cascade`);
      await database.execute(sql`drop role ${sql.identifier(login)}`);
    }
  });
});
