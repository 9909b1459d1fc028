import type { Clock } from '@busbar/domain';
import {
  type Database,
  deleteExpiredKeys,
  dropPartitionsBefore,
  ensureMonthlyPartitions,
  sql,
  trimDefaultPartition,
} from '@busbar/persistence';
import type { RefusalStore } from './refusal-store.js';

const schema = 'stations';
const table = 'connector_history';
const monthsAhead = 18;
const rowsAtOnceMax = 10_000;
const dayMs = 86_400_000;

/** The tables that are bounded by the age of their rows. */
const aged = [
  { name: 'stations.boot_change', column: 'at' },
  { name: 'stations.job_report', column: 'received_at' },
  { name: 'stations.security_event', column: 'received_at' },
  { name: 'stations.vendor_data', column: 'received_at' },
  { name: 'stations.quarantine', column: 'received_at' },
] as const;

/**
 * Keeps partitions ahead and lets go of what is older than `daysKept`, in bounded steps. Any number of replicas may
 * do it at once.
 */
export async function keepHouse(
  database: Database,
  refusals: RefusalStore,
  clock: Clock,
  daysKept: number,
): Promise<void> {
  const before = new Date(clock.now().getTime() - daysKept * dayMs);
  await ensureMonthlyPartitions(database, { schema, table, monthsAhead });
  await dropPartitionsBefore(database, { schema, table, before });
  await trimDefaultPartition(database, { schema, table, receivedColumn: 'received_at', before });
  for (const { name, column } of aged) {
    const target = sql.identifier(name);
    await database.execute(sql`
      delete from ${target} where ctid = any(array(
        select ctid from ${target} where ${sql.identifier(column)} < ${before} limit ${rowsAtOnceMax}))`);
  }
  await refusals.trim();
  await deleteExpiredKeys(database, { schema });
}
