import type { TenantId } from '@busbar/domain';
import { openDatabase, readAsTenant, readerRole, sql } from '@busbar/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase, testLogger } from '../src/index.js';

const one = { schema: 'testing_one', directory: new URL('./migrations/one/', import.meta.url) };
const two = { schema: 'testing_two', directory: new URL('./migrations/two/', import.meta.url) };

function open(url: string) {
  return openDatabase({ url, applicationName: 'test', poolMax: 2, logger: testLogger().logger });
}

describe('testDatabase', () => {
  let databases: TestDatabase[];

  beforeAll(async () => {
    // Several at once, as parallel test processes would: one of them makes the template.
    databases = await Promise.all([1, 2, 3].map(() => testDatabase({ schemas: [one, two] })));
  });

  afterAll(async () => {
    await Promise.all(databases.map((database) => database.drop()));
  });

  // Two tests never see each other's rows, and each has every schema.
  it('clones databases of their own', async () => {
    const [first, second] = databases.map(({ url }) => open(url));
    await first?.execute(sql`insert into testing_one.thing values ('1', 'a', 'x')`);
    expect(await first?.query(sql`select id from testing_one.thing`)).toEqual([{ id: '1' }]);
    expect(await second?.query(sql`select id from testing_one.thing`)).toEqual([]);
    expect(await second?.query(sql`select id from testing_two.part`)).toEqual([]);
    await first?.close();
    await second?.close();
  });

  // A service under test has a service's rights: a statement that needs more must fail in the test already.
  it('logs in as the writer, who may not change tables', async () => {
    const database = open(databases[2]?.url ?? '');
    await expect(database.query(sql`drop table testing_one.thing`)).rejects.toMatchObject({
      code: 'failed',
      sqlState: '42501',
    });
    await database.close();
  });

  // The reader sees rows of the transaction's tenant only, none without one, and no table that has no tenant.
  it('gives a reader that is held to one tenant', async () => {
    const [database] = databases;
    const writer = open(database?.url ?? '');
    const reader = open(database?.readerUrl ?? '');
    await writer.execute(sql`insert into testing_one.thing values ('2', 'a', 'x'), ('3', 'b', 'y')`);
    const ids = sql`select id from testing_one.thing where id > '1' order by id`;
    expect(await reader.query(ids)).toEqual([]);
    expect(await reader.transaction((tx) => tx.query(ids), { tenant: 'b' as TenantId })).toEqual([{ id: '3' }]);
    expect(await reader.query(ids)).toEqual([]);
    expect(await readAsTenant(writer, 'testing_one', 'a' as TenantId, (tx) => tx.query(ids))).toEqual([{ id: '2' }]);
    await expect(reader.query(sql`select name from testing_one.setting`)).rejects.toMatchObject({ sqlState: '42501' });
    await expect(reader.execute(sql`delete from testing_one.thing`)).rejects.toMatchObject({ sqlState: '42501' });
    expect(database?.urlAs(readerRole('testing_one'))).toBe(database?.readerUrl);
    await writer.close();
    await reader.close();
  });
});
