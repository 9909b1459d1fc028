import type { Logger } from '@busbar/observability';
import pg from 'pg';
import { databaseError } from './database-error.js';
import { MigrationError } from './migration-error.js';
import { type AppliedMigration, type Migration, pendingMigrations, readMigrations } from './migration-files.js';
import { rolesSql } from './roles.js';
import { sql } from './sql.js';

export interface MigrateOptions {
  /** A login that owns the schema, or may create it. It makes the schema's two roles if it may make roles. */
  url: string;
  /** The schema, made when it is absent. */
  schema: string;
  /** The folder of the files `0001-what-it-does.sql` and so on. */
  directory: URL | string;
  /** Told of each file applied, and of roles that could not be made. */
  logger?: Logger;
}

const connectTimeoutMs = 5_000;
const waitForOthersMs = 120_000;
const lockTimeoutMs = 10_000;

/**
 * Brings one schema up to date and returns the names of what was applied now. Each file runs in a transaction of
 * its own with the schema first on the search path; a file that was applied must never change. Several processes
 * may call this at once: one works, the others wait and find nothing left to do. Errors: `MigrationError`, and
 * `DatabaseError` when Postgres can't be reached.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const migrations = await readMigrations(options.directory);
  const connection = new pg.Client({
    connectionString: options.url,
    application_name: `busbar-migrate-${options.schema}`,
    connectionTimeoutMillis: connectTimeoutMs,
  });
  // The loss of the connection also fails whatever statement runs on it; without a listener it would end the process.
  connection.on('error', () => undefined);
  connection.on('notice', (notice) => {
    if (notice.message?.startsWith('role ')) options.logger?.warn({ schema: options.schema }, notice.message);
  });
  try {
    await connection.connect();
    await connection.query(`set lock_timeout = ${waitForOthersMs}`);
    await connection.query(`select pg_advisory_lock(hashtextextended('busbar.migrate.' || $1, 0))`, [options.schema]);
    // A statement that waits for a busy table makes everyone behind it wait too, so it gives up early.
    await connection.query(`set lock_timeout = ${lockTimeoutMs}`);
    return await bringUpToDate(connection, options, migrations);
  } catch (error) {
    throw error instanceof MigrationError ? error : databaseError(error);
  } finally {
    await connection.end();
  }
}

async function bringUpToDate(
  connection: pg.Client,
  options: MigrateOptions,
  migrations: readonly Migration[],
): Promise<string[]> {
  const schema = sql.identifier(options.schema).text;
  await connection.query(`create schema if not exists ${schema}`);
  await connection.query(`set search_path = ${schema}`);
  await connection.query(`create table if not exists migration (
    name text primary key, checksum text not null, applied_at timestamptz not null default now())`);
  const { rows } = await connection.query<AppliedMigration>('select name, checksum from migration order by name');
  const pending = pendingMigrations(migrations, rows);
  for (const migration of pending) {
    await apply(connection, migration);
    options.logger?.info({ schema: options.schema, migration: migration.name }, 'migration applied');
  }
  await connection.query(rolesSql(options.schema));
  return pending.map(({ name }) => name);
}

async function apply(connection: pg.Client, migration: Migration): Promise<void> {
  try {
    await connection.query('begin');
    await connection.query(migration.text);
    await connection.query('insert into migration (name, checksum) values ($1, $2)', [
      migration.name,
      migration.checksum,
    ]);
    await connection.query('commit');
  } catch (cause) {
    const error = databaseError(cause);
    // Without a connection there is nothing to roll back, and it is no fault of the file.
    if (error.code === 'unavailable') throw error;
    await connection.query('rollback');
    throw new MigrationError('migration-failed', migration.name, placeOf(cause, migration.text) + error.message, {
      cause,
    });
  }
}

/** Postgres counts characters; a person looks for a line. */
function placeOf(cause: unknown, text: string): string {
  const position = cause instanceof pg.DatabaseError ? Number(cause.position) : Number.NaN;
  return Number.isNaN(position) ? '' : `line ${text.slice(0, position).split('\n').length}: `;
}
