import { type TestDatabase, testDatabase, testLogger } from '@busbar/testing';
import { afterAll, beforeAll } from 'vitest';
import { type Database, type DatabaseOptions, openDatabase } from '../src/index.js';

export const schema = 'persistence_test';
export const directory = new URL('./migrations/', import.meta.url);

export interface Fixture {
  testDb: TestDatabase;
  database: Database;
  /** A second way in, through a proxy or with other limits; closed at the end. */
  open(options?: Partial<DatabaseOptions>): Database;
  lines: string[];
}

/** One database for a file of tests, with rows of their own per test. */
export function databaseFixture(): () => Fixture {
  let fixture: Fixture | undefined;
  const opened: Database[] = [];
  beforeAll(async () => {
    const testDb = await testDatabase({ schemas: [{ schema, directory }] });
    const { logger, lines } = testLogger();
    const open = (options: Partial<DatabaseOptions> = {}) => {
      const made = openDatabase({ url: testDb.url, applicationName: 'test', poolMax: 4, logger, ...options });
      opened.push(made);
      return made;
    };
    fixture = { testDb, database: open(), open, lines };
  });
  afterAll(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await fixture?.testDb.drop();
  });
  return () => {
    if (!fixture) throw new Error('the fixture is there within tests only');
    return fixture;
  };
}
