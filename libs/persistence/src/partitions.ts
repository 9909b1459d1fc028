import type { Database } from './database.js';
import { sql } from './sql.js';

export interface PartitionedTable {
  schema: string;
  /** Partitioned by range on one `timestamptz` column. Partitions are named `<table>_2026_07` and `<table>_default`. */
  table: string;
}

/**
 * Makes the missing monthly partitions (UTC) from the current month to `monthsAhead` months on, and the default
 * partition; returns the names of those made. Rows of a new month that the default partition held move along. May
 * run in several processes at once.
 */
export async function ensureMonthlyPartitions(
  database: Database,
  { schema, table, monthsAhead, from = new Date() }: PartitionedTable & { monthsAhead: number; from?: Date },
): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    sql`select name from ${sql.identifier(`${schema}.ensure_monthly_partitions`)}(
      ${table}, ${dayOf(from)}::date, ${monthsAhead + 1}) as name`,
  );
  return rows.map(({ name }) => name);
}

/**
 * Moves rows out of the default partition into partitions made for their months, each month in one go, for rows
 * between `monthsBack` months ago and `monthsAhead` months on. What lies outside stays: a station's clock in 1970
 * must not make a partition. Returns the partitions made and their rows.
 */
export async function emptyDefaultPartition(
  database: Database,
  {
    schema,
    table,
    monthsBack,
    monthsAhead,
    from = new Date(),
  }: PartitionedTable & { monthsBack: number; monthsAhead: number; from?: Date },
): Promise<{ partition: string; rows: number }[]> {
  return database.query<{ partition: string; rows: number }>(
    sql`select partition, row_count as rows from ${sql.identifier(`${schema}.empty_default_partition`)}(
      ${table}, ${dayOf(monthOf(from, -monthsBack))}::date, ${dayOf(monthOf(from, monthsAhead + 1))}::date)`,
  );
}

/** Drops the monthly partitions that end before the month of `before` begins; returns their names. */
export async function dropPartitionsBefore(
  database: Database,
  { schema, table, before }: PartitionedTable & { before: Date },
): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    sql`select name from ${sql.identifier(`${schema}.drop_partitions_before`)}(${table}, ${dayOf(before)}::date) as name`,
  );
  return rows.map(({ name }) => name);
}

/**
 * Deletes rows of the default partition by the time we received them, since the time that partitions go by is
 * the station's and may be any. At most `rowsMax` at a time; returns how many went.
 */
export async function trimDefaultPartition(
  database: Database,
  {
    schema,
    table,
    receivedColumn,
    before,
    rowsMax = 10_000,
  }: PartitionedTable & { receivedColumn: string; before: Date; rowsMax?: number },
): Promise<number> {
  const parent = sql.identifier(`${schema}.${table}`);
  const inDefault = sql`tableoid = ${`${schema}.${table}_default`}::regclass`;
  return database.execute(
    sql`delete from ${parent} where ${inDefault} and ctid = any(array(
      select ctid from ${parent} where ${inDefault} and ${sql.identifier(receivedColumn)} < ${before} limit ${rowsMax}))`,
  );
}

function monthOf(from: Date, offset: number): Date {
  return new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + offset, 1));
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
