import type { Clock } from '@busbar/domain';
import {
  type Database,
  deleteExpiredKeys,
  dropPartitionsBefore,
  emptyDefaultPartition,
  ensureMonthlyPartitions,
  sql,
  trimDefaultPartition,
} from '@busbar/persistence';

const schema = 'authorization';
const table = 'decision';
const monthsAhead = 18;
const monthsBack = 12;
const unknownPerTenantMax = 10_000;
const dayMs = 86_400_000;

/**
 * Keeps partitions ahead and lets go of decisions older than `daysKept` and of all but the latest unknown tokens.
 * Any number of replicas may do it at once.
 */
export async function keepHouse(database: Database, clock: Clock, daysKept: number): Promise<void> {
  const from = clock.now();
  const before = new Date(from.getTime() - daysKept * dayMs);
  await ensureMonthlyPartitions(database, { schema, table, monthsAhead, from });
  await emptyDefaultPartition(database, { schema, table, monthsBack, monthsAhead, from });
  await dropPartitionsBefore(database, { schema, table, before });
  await trimDefaultPartition(database, { schema, table, receivedColumn: 'at', before });
  await database.execute(sql`
    delete from ${sql.identifier('authorization.unknown_token')} where (tenant_id, folded) in (
      select tenant_id, folded from (
        select tenant_id, folded, row_number() over (partition by tenant_id order by id desc) as place
        from ${sql.identifier('authorization.unknown_token')}) as ranked
      where place > ${unknownPerTenantMax})`);
  await deleteExpiredKeys(database, { schema });
}
